// Session asks a server, and asks again, for as long as the options say, where there is none, where
// its answer was cut off, or where it says that it is busy (429, 502, 503, 504).
//
// Everything that is asked is to be the same, done once or twice: reads, what an Idempotency-Key
// goes with, and what was_unanswered() is looked at for. One thread uses it.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/status.h"
#include "base/waiter.h"
#include "client/answer.h"
#include "client/backoff.h"
#include "config/client_options.h"
#include "http/client.h"

namespace daybook::client {

class Session {
 public:
  // Waits are the `waiter`'s, which outlives this. `command` is named where something is said.
  // kInvalidArgument: the server's address is none.
  static Result<Session> Open(std::string command, const config::ClientOptions& options,
                              const Waiter& waiter);

  // Asks, and waits for the whole answer. kUnavailable: there was none, and why.
  Result<Answer> Ask(const http::ClientRequest& request);
  // The same in two: what is sent may be answered while something else is done. The request must
  // be the same.
  void Start(const http::ClientRequest& request);
  Result<Answer> Finish(const http::ClientRequest& request);
  // An answer of 5xx but 501 and 505 is tried again as well, for what is under way may be known to
  // nobody.
  void RetryFaults() { retries_faults_ = true; }

  // Asks, and waits for the head of an answer, which ReadBody() gives the rest of. The answer may
  // take `wait` longer. One that is no success has been read: `body` is all of it.
  struct Opened {
    unsigned code = 0;
    http::ResponseHead head;
    std::string body;
  };
  Result<Opened> OpenBody(const http::ClientRequest& request, std::chrono::milliseconds wait);
  // Empty at its end. kUnavailable: it was cut off.
  Result<std::string> ReadBody();
  // A body was cut off. OK, after a pause: it is to be asked for again.
  Status PauseAfter(const Status& failure);
  // Something came: the next failure is the first one again.
  void Progressed();

  // Whether a try of the last request had no answer, so that it may have been done before.
  bool was_unanswered() const { return was_unanswered_; }

 private:
  Session(std::string command, const config::ClientOptions& options, http::ServerUrl server,
          const Waiter& waiter);
  // Waits for what Start() or a try began.
  Result<Opened> AwaitAnswer(std::chrono::milliseconds wait);
  Result<Opened> Retry(const http::ClientRequest& request, std::chrono::milliseconds wait,
                       bool whole);
  bool IsTransient(unsigned code) const;
  Status Pause(const Status& failure, std::chrono::milliseconds asked_for);
  Waiter::Deadline TryDeadline(std::chrono::milliseconds wait) const;

  std::string command_;
  std::optional<std::chrono::milliseconds> timeout_;
  const Waiter* waiter_;
  http::Client client_;
  Backoff backoff_;
  bool retries_faults_ = false;
  Status send_status_;
  bool was_unanswered_ = false;
  bool has_told_ = false;  // of the present outage
};

}  // namespace daybook::client
