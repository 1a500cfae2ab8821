#include "log/find_and_wait.h"

#include <future>
#include <utility>

namespace daybook::log {

Result<std::shared_ptr<Log>> FindAndWait(LogStore& store, std::string_view name) {
  std::promise<Result<std::shared_ptr<Log>>> found;
  store.Find(name,
             [&](Result<std::shared_ptr<Log>> answer) { found.set_value(std::move(answer)); });
  return found.get_future().get();
}

}  // namespace daybook::log
