// What an append asks for in its header fields: Expected-Next-Offset and Idempotency-Key.
#pragma once

#include "base/status.h"
#include "http/request.h"
#include "log/log.h"

namespace daybook::api {

// The key may stand there as it is, or as a string of RFC 8941, as the draft on Idempotency-Key
// (draft-ietf-httpapi-idempotency-key-header) has it: `"abc"` and `abc` are the same key.
// kInvalidArgument names the field that is wrong.
Result<log::AppendOptions> ParseAppendFields(const http::Request& request);

}  // namespace daybook::api
