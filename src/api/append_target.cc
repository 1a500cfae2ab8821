#include "api/append_target.h"

#include <string>
#include <utility>

#include "api/status_map.h"

namespace daybook::api {

std::shared_ptr<AppendTarget> AppendTarget::Find(log::LogStore& store, LogName name, bool makes) {
  std::shared_ptr<AppendTarget> target(new AppendTarget(store, std::move(name), makes));
  store.Find(target->name_.name,
             [target](const Result<std::shared_ptr<log::Log>>& found) { target->OnFound(found); });
  return target;
}

std::optional<Problem> AppendTarget::refusal() const {
  const MutexLock lock(mutex_);
  if (!found_ || (makes_ && found_->status().code() == StatusCode::kNotFound)) return std::nullopt;
  FoundLog found = FoundLogOf(name_, *found_);
  if (auto* const problem = std::get_if<Problem>(&found)) return std::move(*problem);
  return std::nullopt;
}

void AppendTarget::OnFound(const Result<std::shared_ptr<log::Log>>& found) {
  Use use;
  {
    const MutexLock lock(mutex_);
    found_ = found;
    use = std::move(use_);
  }
  if (use) Give(found, std::move(use));
}

void AppendTarget::Take(Use use) {
  std::optional<Result<std::shared_ptr<log::Log>>> found;
  {
    const MutexLock lock(mutex_);
    if (!found_) {
      use_ = std::move(use);
      return;
    }
    found = found_;
  }
  Give(*found, std::move(use));
}

void AppendTarget::Give(const Result<std::shared_ptr<log::Log>>& found, Use use) {
  if (!makes_ || found.status().code() != StatusCode::kNotFound)
    return use(FoundLogOf(name_, found));
  store_.Create(name_.name, {}, [use = std::move(use)](Result<log::Created> created) mutable {
    if (!created.ok()) return use(ProblemOf(created.status()));
    use(std::move(created->log));
  });
}

}  // namespace daybook::api
