// What the dialects admit. Every field is an option of `daybook serve`.
#pragma once

#include <cstddef>

namespace daybook::api {

struct ApiLimits {
  std::size_t record_value_bytes_max = 1 << 20;  // above: 413
};

}  // namespace daybook::api
