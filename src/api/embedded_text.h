// Files of this folder that embed.cmake makes a part of the program.
#pragma once

#include <string_view>

namespace daybook::api {

// The page of console/, whole.
extern const std::string_view kConsolePage;
// The page of docs/, whole.
extern const std::string_view kDocsPage;
// The document of openapi/, whole but for `@VERSION@`.
extern const std::string_view kOpenApiDocument;

}  // namespace daybook::api
