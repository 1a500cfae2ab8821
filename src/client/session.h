// Session asks a server, and asks again, for as long as the options say, where there is none, where
// its answer was cut off, and where it says that it is busy (408, 429, 502, 503, 504).
//
// So what is asked may be done twice, and is to be the same then: a read, what an Idempotency-Key
// goes with (RememberedFor()), and what was_unanswered() is looked at for. One thread uses it.
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
  // What is asked twice is known again for so long alone, and so is tried again no longer once a
  // try of it may have been done.
  void RememberedFor(std::chrono::milliseconds window) { remembered_for_ = window; }
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

  // Which log it is that is at `target` now, as what a query has behind its "?"; so what is done a
  // second time, because its answer was lost, is not done to another one of that name. Empty: this
  // client may not ask. kNotFound: there is none.
  Result<std::string> AskLogId(const std::string& target);

  // Whether a try of the last request may have been done although no answer says so: there was none
  // to what was sent, or it was one of 5xx that does not say that nothing was done.
  bool was_unanswered() const { return unanswered_since_.has_value(); }

 private:
  Session(std::string command, const config::ClientOptions& options, http::ServerUrl server,
          const Waiter& waiter);
  void Send(const http::ClientRequest& request);
  // The rest of an answer, which is kept as a whole.
  Status ReadAll(std::string& body, Waiter::Deadline deadline);
  // Waits for what Start() or a try began.
  Result<Opened> AwaitAnswer(std::chrono::milliseconds wait);
  Result<Opened> Retry(const http::ClientRequest& request, std::chrono::milliseconds wait,
                       bool whole);
  bool IsTransient(unsigned code) const;
  // What had no answer may not be known again after that time.
  bool MayBeForgotten(std::chrono::milliseconds after) const;
  Status Pause(const Status& failure, std::chrono::milliseconds asked_for);
  Waiter::Deadline TryDeadline(std::chrono::milliseconds wait) const;

  std::string command_;
  std::optional<std::chrono::milliseconds> timeout_;
  const Waiter* waiter_;
  http::Client client_;
  Backoff backoff_;
  bool retries_faults_ = false;
  Status send_status_;
  std::chrono::milliseconds try_began_{};  // since the machine began
  std::size_t body_bytes_ = 0;             // of the last request
  std::optional<std::chrono::milliseconds> unanswered_since_;
  std::optional<std::chrono::milliseconds> remembered_for_;
  bool has_told_ = false;  // of the present outage
};

}  // namespace daybook::client
