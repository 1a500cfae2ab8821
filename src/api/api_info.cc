#include "api/api_info.h"

#include <string>
#include <string_view>
#include <utility>

#include "api/logs_list.h"
#include "api/request_body.h"
#include "base/json_text.h"

namespace daybook::api {
namespace {

constexpr std::pair<std::string_view, std::string_view> kLinks[] = {
    {"logs", "/v1/logs"},
    {"log", "/v1/logs/{log}"},
    {"records", "/v1/logs/{log}/records"},
    {"record", "/v1/logs/{log}/records/{offset}"},
    {"trim", "/v1/logs/{log}/trim"},
    {"cursors", "/v1/logs/{log}/cursors"},
    {"cursor", "/v1/logs/{log}/cursors/{cursor}"},
    {"version", "/version"},
    {"healthz", "/healthz"},
    {"readyz", "/readyz"},
    {"openapi", "/openapi.json"},
    {"docs", "/docs"},
};

// Members without the comma before the first.
std::string Object(std::string_view members) { return "{" + std::string(members.substr(1)) + "}"; }

std::string LimitsText(const ApiLimits& limits) {
  std::string members;
  AppendJsonMember(members, "record_value_bytes", limits.record.value_bytes_max);
  AppendJsonMember(members, "record_key_bytes", limits.record.key_bytes_max);
  AppendJsonMember(members, "record_headers", limits.record.headers_max);
  AppendJsonMember(members, "record_header_bytes", limits.record.header_bytes_max);
  AppendJsonMember(members, "batch_records", limits.batch_records_max);
  AppendJsonMember(members, "body_bytes", limits.body_bytes_max);
  AppendJsonMember(members, "request_header_bytes", limits.request_header_bytes_max);
  AppendJsonMember(members, "page_records", limits.page_records_max);
  AppendJsonMember(members, "page_bytes", limits.page_bytes_max);
  AppendJsonMember(members, "wait_ms", static_cast<std::uint64_t>(limits.wait_max.count()));
  AppendJsonMember(members, "logs", limits.logs_max);
  AppendJsonMember(members, "listed_logs", kListedLogsMax);
  AppendJsonMember(members, "cursors", limits.cursors_max);
  return Object(members);
}

std::string LinksText() {
  std::string members;
  for (const auto& [name, target] : kLinks) AppendJsonMember(members, name, target);
  return Object(members);
}

}  // namespace

void AddInfoRoute(http::Router& router, log::LogStore& store, const BuildInfo& build,
                  const ApiLimits& limits) {
  // What the engine has to say of itself may change while it serves.
  const auto body = [&store, version = build.version, limits] {
    std::string members;
    AppendJsonMember(members, "version", version);
    AppendJsonMember(members, "engine", std::string_view(store.engine()));
    AppendJsonMember(members, "durability",
                     std::string_view(log::DurabilityName(store.durability())));
    members.append(R"(,"limits":)").append(LimitsText(limits.Within(store.append_limits())));
    members.append(R"(,"links":)").append(LinksText());
    return Object(members) + "\n";
  };
  router.Add(http::Method::Get, "/v1", WithoutParameters([body](const http::Request&) {
               return JsonAnswer(http::Code::Ok, body());
             }));
}

}  // namespace daybook::api
