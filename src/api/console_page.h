// The document that src/api/console/ is built into.
#pragma once

#include <string_view>

namespace daybook::api {

extern const std::string_view kConsolePage;

}  // namespace daybook::api
