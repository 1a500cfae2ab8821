#include "api/read_steps.h"

#include <atomic>
#include <memory>
#include <utility>

namespace daybook::api {
namespace {

class Steps : public std::enable_shared_from_this<Steps> {
 public:
  Steps(std::shared_ptr<log::Log> log, ReadFollower follower)
      : log_(std::move(log)), follower_(std::move(follower)) {}

  void Run(ReadStep step) {
    for (;;) {
      state_ = State::kCalling;
      log_->Read(step.from, step.limits, [self = shared_from_this()](Result<log::Page> page) {
        self->OnPage(std::move(page));
      });
      // Whoever comes second of the call's return and its answer goes on.
      if (state_.exchange(State::kReturned) == State::kCalling || !next_) return;
      step = *next_;
    }
  }

 private:
  enum class State { kCalling, kReturned, kAnswered };

  void OnPage(Result<log::Page> page) {
    next_ = follower_(std::move(page));
    if (state_.exchange(State::kAnswered) == State::kReturned && next_) Run(*next_);
  }

  const std::shared_ptr<log::Log> log_;
  ReadFollower follower_;
  std::optional<ReadStep> next_;
  std::atomic<State> state_{State::kCalling};
};

}  // namespace

void ReadInSteps(std::shared_ptr<log::Log> log, const ReadStep& first, ReadFollower follower) {
  std::make_shared<Steps>(std::move(log), std::move(follower))->Run(first);
}

}  // namespace daybook::api
