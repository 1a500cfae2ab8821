#include "api/operations.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "api/content_coding.h"
#include "api/request_body.h"
#include "base/json_text.h"

namespace daybook::api {
namespace {

std::string_view StateName(log::Check::State state) {
  switch (state) {
    case log::Check::State::kOk:
      return "ok";
    case log::Check::State::kDegraded:
      return "degraded";
    case log::Check::State::kFailing:
      return "unavailable";
  }
  return "unavailable";
}

http::Response Ready(const std::vector<log::Check>& checks) {
  auto worst = log::Check::State::kOk;
  for (const log::Check& check : checks) worst = std::max(worst, check.state);
  std::string body = R"({"status":")";
  body.append(StateName(worst)).append(R"(","checks":{)");
  for (const log::Check& check : checks) {
    if (body.back() != '{') body.push_back(',');
    AppendJsonString(body, check.name);
    body.append(R"(:{"status":")").append(StateName(check.state)).append("\"");
    if (!check.detail.empty()) {
      body.append(R"(,"detail":)");
      AppendJsonString(body, check.detail);
    }
    body.push_back('}');
  }
  body.append("}}\n");
  // A full log is degraded, but what it holds must stay reachable.
  return JsonAnswer(
      worst == log::Check::State::kFailing ? http::Code::Service_Unavailable : http::Code::Ok,
      std::move(body));
}

std::string VersionBody(const BuildInfo& build, const log::LogStore& store) {
  std::string body = R"({"version":)";
  AppendJsonString(body, build.version);
  body.append(R"(,"revision":)");
  AppendJsonString(body, build.revision);
  body.append(R"(,"compiler":)");
  AppendJsonString(body, build.compiler);
  body.append(R"(,"engine":)");
  AppendJsonString(body, store.engine());
  return body + "}\n";
}

}  // namespace

void AddMetricsRoute(http::Router& router, MetricsText metrics) {
  router.AddForCrowded(
      "/metrics", WithoutParameters([metrics = std::move(metrics)](const http::Request& request) {
        http::Response response;
        response.fields =
            "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
            "Cache-Control: no-store\r\nVary: Accept-Encoding\r\n";
        response.body = metrics();
        if (AcceptsGzip(request.HeaderList("accept-encoding"))) {
          response.body = Gzip(response.body);
          response.AddField("Content-Encoding", "gzip");
        }
        return response;
      }));
}

void AddOperationRoutes(http::Router& router, log::LogStore& store, const BuildInfo& build,
                        Leaving leaving) {
  router.AddForCrowded("/healthz", WithoutParameters([](const http::Request&) {
                         return JsonAnswer(http::Code::Ok, "{\"status\":\"ok\"}\n");
                       }));
  router.AddForCrowded(
      "/readyz", WithoutParameters([&store, leaving = std::move(leaving)](const http::Request&) {
        std::vector<log::Check> checks = store.Checks();
        if (leaving && leaving())
          checks.push_back({"stop", log::Check::State::kFailing, "this server is about to stop"});
        return Ready(checks);
      }));
  router.AddForCrowded("/version",
                       WithoutParameters([body = VersionBody(build, store)](const http::Request&) {
                         return JsonAnswer(http::Code::Ok, body);
                       }));
}

}  // namespace daybook::api
