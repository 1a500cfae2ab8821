#include "api/pages.h"

#include <string>
#include <string_view>

#include "api/embedded.h"
#include "api/embedded_text.h"
#include "base/json_text.h"

namespace daybook::api {
namespace {

std::string DocumentOf(const BuildInfo& build) {
  constexpr std::string_view kPlace = R"("@VERSION@")";
  std::string document(kOpenApiDocument);
  std::string version;
  AppendJsonString(version, build.version);
  return document.replace(document.find(kPlace), kPlace.size(), version);
}

}  // namespace

void AddPageRoutes(http::Router& router, const BuildInfo& build) {
  router.Add(http::Method::Get, "/console", EmbeddedPage(kConsolePage));
  router.Add(http::Method::Get, "/docs", EmbeddedPage(kDocsPage));
  router.Add(http::Method::Get, "/openapi.json",
             EmbeddedDocument(DocumentOf(build), "application/json"));
}

}  // namespace daybook::api
