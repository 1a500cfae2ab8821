// What a client has to show for each route, where tokens are needed at all: one table, read by
// whoever makes a gate.
#pragma once

#include <cstdint>
#include <string_view>

#include "http/vocabulary.h"

namespace daybook::api {

enum class Need : std::uint8_t {
  kNothing,
  kAnyToken,  // the handler shows what the token is for
  kRead,      // this, and the next two: for the log that the path names, or `default`
  kAppend,
  kAdmin,
  kReadOrPage,  // as kRead, but for whom the page at "/" is
  kMetrics,     // where metrics are not for everybody
};

// CHECKs that there is a rule: what nobody has thought of is open to nobody.
Need NeedOf(http::Method method, std::string_view pattern);

}  // namespace daybook::api
