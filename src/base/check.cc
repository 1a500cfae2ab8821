#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace daybook {

void CheckFailed(const char* file, int line, const char* expression, std::string_view reason) {
  std::fprintf(stderr, "%s:%d: CHECK(%s) failed: %.*s\n", file, line, expression,
               static_cast<int>(reason.size()), reason.data());
  std::abort();
}

}  // namespace daybook
