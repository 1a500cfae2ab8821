// What If-Match and If-None-Match ask of what is to be changed (RFC 9110 section 13.1).
#pragma once

#include <string>

#include "base/status.h"
#include "http/request.h"
#include "log/log.h"

namespace daybook::api {

// Of a cursor, whose entity tag is its revision: If-Match has `*` or such tags, compared strongly;
// If-None-Match has `*`. kInvalidArgument names the field that is wrong.
Result<log::CursorCondition> ParseCursorCondition(const http::Request& request);

// Of a log, whose entity tags are weak: only If-None-Match: * is possible. Whether it is there.
Result<bool> ParseOnlyMakes(const http::Request& request);

// `"17"`
std::string CursorTag(const log::Cursor& cursor);

}  // namespace daybook::api
