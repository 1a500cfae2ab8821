// CHECK states an invariant of the program itself: it holds in release builds too, and a broken one
// ends the process with the place and the reason on stderr. Bad input, disks and networks are never
// a CHECK; they are a Status.
#pragma once

#include <string_view>

namespace daybook {

// Writes `file:line: CHECK(expression) failed: reason` to stderr and aborts.
[[noreturn]] void CheckFailed(const char* file, int line, const char* expression,
                              std::string_view reason);

}  // namespace daybook

#define CHECK(condition, reason)                                        \
  do {                                                                  \
    if (!(condition)) [[unlikely]]                                      \
      ::daybook::CheckFailed(__FILE__, __LINE__, #condition, (reason)); \
  } while (false)
