// CursorKeeper holds a cursor of a log, and moves it for as long as nobody else does. One thread
// uses it. A move is bounded in time, and no signal cuts it short.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/waiter.h"
#include "client/session.h"
#include "config/client_options.h"

namespace daybook::client {

class CursorKeeper {
 public:
  static constexpr std::chrono::milliseconds kInterval{1'000};

  static Result<CursorKeeper> Open(const char* command, const config::ReadOptions& options);

  // Where it is, asked by `session`, as long as that does; none: it is not there.
  Result<std::optional<std::uint64_t>> Find(Session& session);
  // Makes it, at an offset; likewise.
  Status Make(Session& session, std::uint64_t offset);

  // What lies before `offset` is done.
  void Note(std::uint64_t offset) { wanted_ = offset; }
  // How long until it is to be moved; none: it is where it is to be.
  std::optional<std::chrono::milliseconds> Due() const;
  // Moves it, if it is not where it is to be. A server that is away is no error, for that is only
  // late. kConditionFailed: somebody else has moved it.
  Status Move();

 private:
  CursorKeeper(std::string target, Session session)
      : target_(std::move(target)), session_(std::move(session)) {}
  // PUTs it, under a condition. One that was done without an answer is found out.
  Result<Answer> Put(Session& session, std::uint64_t offset, const char* condition,
                     const std::string& value);
  Status Take(const Answer& answer);

  std::string target_;
  Session session_;
  std::uint64_t offset_ = 0;
  std::optional<std::uint64_t> revision_;  // none: it is not there yet
  std::uint64_t wanted_ = 0;
  std::vector<std::uint64_t> unanswered_;  // offsets that it may be at since
  std::chrono::steady_clock::time_point moved_;
};

}  // namespace daybook::client
