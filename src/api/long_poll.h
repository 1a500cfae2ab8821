// LongPoll is a read of a page that waits for its first record: on no thread, and woken when the
// log has moved.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "access/grant.h"
#include "api/live_stats.h"
#include "api/page_finder.h"
#include "api/read_query.h"
#include "base/mutex.h"
#include "http/held.h"
#include "http/responder.h"
#include "log/log.h"

namespace daybook::api {

class LongPoll : public http::Held, public std::enable_shared_from_this<LongPoll> {
 public:
  // Gets the page, which is empty when the wait is over, or why there is none.
  using Done = UniqueFunction<void(Result<FoundPage>)>;

  // `query` has a wait. `grant`, where there is one, lets it read; the wait is over when that is
  // revoked.
  LongPoll(ReadQuery query, std::shared_ptr<LiveStats> stats,
           std::shared_ptr<const access::Grant> grant)
      : query_(std::move(query)), stats_(std::move(stats)), grant_(std::move(grant)) {}
  ~LongPoll() override;

  // Begins to look for it. `waker` is of the request that holds this.
  void Begin(const std::shared_ptr<log::Log>& log, const http::Waker& waker, Done done);

  void OnWake() override;
  void End() override;

 private:
  void Look();
  void OnFound(Result<FoundPage> found);
  void GoOnAt(Offset offset);
  // Whether it is not to be waited for any longer.
  bool IsFinal(const Result<FoundPage>& found) const EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  ReadQuery query_;  // of whoever looks; what is looked for from where it was not found on
  const std::shared_ptr<LiveStats> stats_;
  const std::shared_ptr<const access::Grant> grant_;
  std::shared_ptr<log::Log> log_;      // set by Begin()
  std::atomic<bool> is_woken_{false};  // and has not looked since

  Mutex mutex_;
  Done done_ GUARDED_BY(mutex_);  // from Begin() until it was called
  bool is_looking_ GUARDED_BY(mutex_) = false;
  bool looks_again_ GUARDED_BY(mutex_) = false;          // it was woken while it looked
  bool is_over_ GUARDED_BY(mutex_) = false;              // the wait
  std::optional<FoundPage> nothing_ GUARDED_BY(mutex_);  // that was found the last time

  std::optional<log::Watch> watch_;
  std::optional<access::RevocationWatch> revocation_;
};

}  // namespace daybook::api
