// The document of the API holds together, and is of the API that there is.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "api/access_rules.h"
#include "api/api.h"
#include "api/embedded_text.h"
#include "api/json_check.h"
#include "api/openapi_document.h"
#include "api/problem.h"
#include "log/memory_store.h"

namespace daybook::api {
namespace {

using testing::Contains;
using testing::UnorderedElementsAreArray;

constexpr std::string_view kComponents = "#/components/";

TEST(OpenApi, IsStrictJson) {
  const Status parsed = CheckJson(std::string(kOpenApiDocument));
  EXPECT_TRUE(parsed.ok()) << parsed.message();
}

TEST(OpenApi, DescribesTheRoutesThatThereAre) {
  log::MemoryLogStore store(Clock::System(), 1 << 20);
  const http::Router router =
      MakeRouter(store, {"1.2.3", "abc", "g++"}, {}, [] { return std::string(); });
  std::vector<std::string> served;
  for (const http::RouteDescription& route : router.routes()) {
    for (const http::Method method : route.methods) {
      if (method != http::Method::Head)
        served.push_back(std::string(http::MethodName(method)) + " " + route.pattern);
    }
  }
  std::vector<std::string> described;
  const OpenApiDocument document;
  for (const auto& operation : document.operations())
    described.push_back(operation.method + " " + operation.path);
  EXPECT_THAT(described, UnorderedElementsAreArray(served));
}

TEST(OpenApi, EachOperationHasItsNameATagAndWhoMayAskForIt) {
  const OpenApiDocument document;
  std::vector<std::string> tags;
  for (const Node& tag : Within(document.root(), {"tags"}).GetArray())
    tags.push_back(Text(tag, "name"));
  std::set<std::string> names;
  for (const auto& [path, method, node, parameters] : document.operations()) {
    const std::string name = Text(*node, "operationId");
    EXPECT_FALSE(name.empty()) << method << " " << path;
    EXPECT_TRUE(names.insert(name).second) << name << " stands twice";
    EXPECT_FALSE(Text(*node, "summary").empty()) << name;
    ASSERT_NE(Member(*node, "tags"), nullptr) << name;
    EXPECT_THAT(tags, Contains(std::string(Within(*node, {"tags"})[0].GetString()))) << name;
    ASSERT_NE(Member(*node, "security"), nullptr) << name;
    const bool is_open = Within(*node, {"security"}).Empty();
    EXPECT_EQ(Member(Within(*node, {"responses"}), "401") == nullptr, is_open) << name;
  }
}

// As a list of requirements (OpenAPI, "Security Requirement Object").
std::string SecurityOf(Need need) {
  switch (need) {
    case Need::kNothing:
      return "[]";
    case Need::kAnyToken:
      return R"([{"bearer":[]}])";
    case Need::kRead:
    case Need::kReadOrPage:
      return R"([{"bearer":["read"]}])";
    case Need::kAppend:
      return R"([{"bearer":["append"]}])";
    case Need::kAdmin:
      return R"([{"bearer":["admin"]}])";
    case Need::kMetrics:
      return R"([{},{"bearer":["metrics"]}])";
  }
  return "";
}

TEST(OpenApi, SaysOfEachOperationWhatTheGateAsksFor) {
  constexpr std::array kMethods = {http::Method::Get, http::Method::Post, http::Method::Put,
                                   http::Method::Delete};
  const OpenApiDocument document;
  for (const auto& operation : document.operations()) {
    const auto* const method =
        std::find_if(kMethods.begin(), kMethods.end(),
                     [&](http::Method one) { return http::MethodName(one) == operation.method; });
    ASSERT_NE(method, kMethods.end());
    rapidjson::StringBuffer said;
    rapidjson::Writer<rapidjson::StringBuffer> writer(said);
    Within(*operation.node, {"security"}).Accept(writer);
    EXPECT_EQ(said.GetString(), SecurityOf(NeedOf(*method, operation.path)))
        << operation.method << " " << operation.path;
  }
}

TEST(OpenApi, EveryParameterOfAPathIsDescribed) {
  const OpenApiDocument document;
  for (const auto& operation : document.operations()) {
    std::set<std::string> described;
    for (const Node* parameter : operation.parameters) {
      EXPECT_FALSE(Text(*parameter, "description").empty()) << Text(*parameter, "name");
      if (Text(*parameter, "in") == "path") described.insert("{" + Text(*parameter, "name") + "}");
    }
    std::set<std::string> named;
    const std::string& path = operation.path;
    for (std::size_t at = 0; (at = path.find('{', at)) != std::string::npos; ++at)
      named.insert(path.substr(at, path.find('}', at) + 1 - at));
    EXPECT_EQ(described, named) << path;
  }
}

TEST(OpenApi, EveryReferenceLeadsSomewhereAndEveryComponentIsReferredTo) {
  const OpenApiDocument document;
  std::set<std::string> referred;
  Walk(document.root(), [&](std::string_view name, const Node& node) {
    if (name != "$ref") return;
    referred.insert(node.GetString());
    EXPECT_NE(document.Find(node.GetString()), nullptr) << node.GetString();
  });
  for (const char* const section : {"parameters", "headers", "responses", "schemas"}) {
    for (const auto& component : Within(document.root(), {"components", section}).GetObject()) {
      const std::string reference =
          std::string(kComponents) + section + "/" + component.name.GetString();
      EXPECT_THAT(referred, Contains(reference));
    }
  }
}

TEST(OpenApi, EveryLinkLeadsToAnOperation) {
  const OpenApiDocument document;
  std::set<std::string> names;
  for (const auto& operation : document.operations())
    names.insert(Text(*operation.node, "operationId"));
  Walk(document.root(), [&](std::string_view name, const Node& node) {
    if (name != "links" || Member(node, "type") != nullptr) return;
    for (const auto& link : node.GetObject()) {
      if (Member(link.value, "operationId") == nullptr) continue;
      EXPECT_THAT(names, Contains(Text(link.value, "operationId"))) << link.name.GetString();
    }
  });
}

TEST(OpenApi, EveryKindOfProblemIsOneThatThereIs) {
  constexpr std::string_view kPrefix = "urn:daybook:problem:";
  const std::vector<std::string_view> kinds = ProblemKinds();
  std::set<std::string> named;
  const OpenApiDocument document;
  Walk(document.root(), [&](std::string_view, const Node& node) {
    if (!node.IsArray()) return;
    for (const Node& element : node.GetArray()) {
      const std::string_view text = element.IsString() ? element.GetString() : "";
      if (text.starts_with(kPrefix)) named.insert(std::string(text.substr(kPrefix.size())));
    }
  });
  EXPECT_GT(named.size(), 20u);
  for (const std::string& kind : named) EXPECT_THAT(kinds, Contains(kind));
}

}  // namespace
}  // namespace daybook::api
