// AppendTarget is the log of an append whose body is still coming.
//
// It is looked for when the header is there. An engine that answers within the call has the append
// refused before any of the body is sent; of another the answer is waited for when the body is
// whole. Shared by whoever waits; thread-safe.
#pragma once

#include <memory>
#include <optional>

#include "api/log_request.h"
#include "api/problem.h"
#include "base/mutex.h"
#include "base/unique_function.h"
#include "log/log.h"

namespace daybook::api {

class AppendTarget : public std::enable_shared_from_this<AppendTarget> {
 public:
  using Use = UniqueFunction<void(FoundLog)>;

  // With `makes` the log is made by Take() where there is none. `store` must outlive it.
  static std::shared_ptr<AppendTarget> Find(log::LogStore& store, LogName name, bool makes);

  // Why the append is refused, if that is known by now.
  std::optional<Problem> refusal() const;

  // Gives the log, now or when it is known. Once.
  void Take(Use use);

 private:
  AppendTarget(log::LogStore& store, LogName name, bool makes)
      : store_(store), name_(std::move(name)), makes_(makes && !name_.id) {}

  void OnFound(const Result<std::shared_ptr<log::Log>>& found);
  void Give(const Result<std::shared_ptr<log::Log>>& found, Use use);

  log::LogStore& store_;
  const LogName name_;
  const bool makes_;

  mutable Mutex mutex_;
  std::optional<Result<std::shared_ptr<log::Log>>> found_ GUARDED_BY(mutex_);
  Use use_ GUARDED_BY(mutex_);  // that waits
};

}  // namespace daybook::api
