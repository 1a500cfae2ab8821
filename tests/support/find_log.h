// A log that a test knows to be there.
#pragma once

#include <future>
#include <memory>
#include <string_view>
#include <utility>

#include "log/find_and_wait.h"

namespace daybook::test {

inline std::shared_ptr<log::Log> FindLog(log::LogStore& store,
                                         std::string_view name = log::kDefaultLog) {
  return *log::FindAndWait(store, name);
}

// What an append is answered with.
inline Result<log::Appended> AppendAndWait(log::Log& log, log::Batch batch) {
  std::promise<Result<log::Appended>> promise;
  log.Append(std::move(batch),
             [&](const Result<log::Appended>& appended) { promise.set_value(appended); });
  return promise.get_future().get();
}

}  // namespace daybook::test
