// Whether a text is JSON as api/json.h has it, whatever is in it.
#pragma once

#include <string>

#include "base/status.h"

namespace daybook::api {

// kInvalidArgument names what is wrong and at which byte.
Status CheckJson(std::string text);

}  // namespace daybook::api
