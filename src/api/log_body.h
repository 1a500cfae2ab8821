// Bodies of requests to a log and to a cursor: small documents, all of whose members are known.
#pragma once

#include <string>

#include "base/status.h"
#include "base/types.h"
#include "log/log.h"

namespace daybook::api {

// `{"retention":{"max_age":"7d","max_bytes":"10Gi"}}`, of which everything may be absent, and a
// bound null. Decodes strings within `body`, which may be empty. kInvalidArgument names the member.
Result<log::RetentionChange> ParseLogSettings(std::string& body);
// `{"before":N}`.
Result<Offset> ParseTrim(std::string& body);
// `{"offset":N}`.
Result<Offset> ParseCursor(std::string& body);

}  // namespace daybook::api
