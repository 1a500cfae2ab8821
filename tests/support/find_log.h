// A log that a test knows to be there.
#pragma once

#include <memory>
#include <string_view>

#include "log/find_and_wait.h"

namespace daybook::test {

inline std::shared_ptr<log::Log> FindLog(log::LogStore& store,
                                         std::string_view name = log::kDefaultLog) {
  return *log::FindAndWait(store, name);
}

}  // namespace daybook::test
