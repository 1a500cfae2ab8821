// What an append asks for in its header fields: Expected-Next-Offset and Idempotency-Key.
#pragma once

#include <string>

#include "base/status.h"
#include "http/request.h"
#include "log/log.h"

namespace daybook::api {

// The key may stand there as it is, or as a string of RFC 8941, as the draft on Idempotency-Key
// (draft-ietf-httpapi-idempotency-key-header) has it: `"abc"` and `abc` are the same key.
// kInvalidArgument names the field that is wrong.
Result<log::AppendOptions> ParseAppendFields(const http::Request& request);

// Of every answer that says that something was appended to a log of `store`: whole lines.
std::string AppendedFields(const log::LogStore& store);

}  // namespace daybook::api
