// Connection is one client's TCP connection: it reads, parses, hands requests to the router one
// after another, writes the answers in their order, and knows when it is over.
//
//   kReading   --request complete-->  kHandling  --answered-->  kReading
//   kHandling  --answer to be made-->  kSending  --all made and sent-->  kReading
//   kReading, kHandling or kSending  --last answer-->  kClosing  --all written, SHUT_WR-->
//   kLingering  --client closed-->  gone
//
// A request is handled only after the one before it was answered (RFC 9112 section 9.3.2 lets only
// safe ones overlap); meanwhile up to Limits::pipelined_bytes_max are read ahead. Reading stops
// while the client leaves Limits::unread_answer_bytes_max of answers unread.
//
// A request whose answer waits for something (Held), and an answer that waits for something to
// send, take no more than their memory meanwhile; whatever ends the wait is told to them here: a
// Waker, the time, a client that has closed its side, and a drain.
//
// An answer is counted and told to the observer when it is written, one that is made as it is sent
// when that ended, with the bytes that were made; its duration is in both cases that up to its
// header.
//
// Owned by a Worker and used on its thread only; every call returns false when the connection is
// over and must be closed.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/body_stream.h"
#include "http/connection_places.h"
#include "http/held.h"
#include "http/limits.h"
#include "http/output.h"
#include "http/request_parser.h"
#include "http/responder.h"
#include "http/response.h"
#include "http/router.h"
#include "http/stats.h"
#include "http/timers.h"

namespace daybook::http {

// What a connection needs of the worker that owns it.
class ConnectionHost {
 public:
  virtual ~ConnectionHost() = default;
  virtual const Limits& limits() const = 0;
  virtual const Router& router() const = 0;
  virtual BodyBudget& body_budget() = 0;
  virtual AnswerSink& answers() = 0;
  virtual Timers& timers() = 0;
  // The time when this turn of the worker's began.
  virtual SteadyTime now() const = 0;
  // The time now, and when that was last asked for.
  virtual SteadyTime ReadClock() = 0;
  virtual SteadyTime last_read() const = 0;
  // "Date: ...\r\n" of this second.
  virtual std::string_view date_field() const = 0;
  // Answers are the last of their connections.
  virtual bool closing() const = 0;
  // Connections between requests end.
  virtual bool draining() const = 0;
  virtual WorkerStats& stats() = 0;
  // An id for a request that brought none; never the same twice.
  virtual std::string MakeRequestId() = 0;
  // The answer to `request` was written.
  virtual void OnAnswered(const Request& request, Code code, std::uint64_t body_bytes,
                          std::chrono::nanoseconds duration) = 0;
  // Calls Connection::Resume() once the other connections have had their turn.
  virtual void ResumeLater(const ExchangeId& id) = 0;
  // A handler threw, which none should.
  virtual void ReportFault(std::string_view what) = 0;
};

class Connection {
 public:
  struct Interest {
    bool read = false;
    bool write = false;
    friend bool operator==(Interest, Interest) = default;
  };

  // `id` has the descriptor, which stays the caller's to close, and the generation. `host` outlives
  // the connection.
  Connection(ConnectionHost& host, const ExchangeId& id, Place place, const ClientAddress& client);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The socket may have bytes. `scratch` is any memory to receive into.
  [[nodiscard]] bool OnReadable(std::string& scratch);
  [[nodiscard]] bool OnWritable();
  [[nodiscard]] bool OnTimer();
  // The time that request may wait for its answer is over.
  void OnAlarm();
  // What request number `request` waits for may be there.
  [[nodiscard]] bool OnWake(std::uint64_t request);
  // The answer to request number `request`; ignored when that is not being handled (any more).
  [[nodiscard]] bool OnAnswer(std::uint64_t request, Response response);
  [[nodiscard]] bool Resume();
  // From here on every answer is the last. Ends now if nothing is under way.
  [[nodiscard]] bool Drain(std::string& scratch);

  // It is over: counts what was under way. Next it is destroyed, and its descriptor closed.
  void OnClose(CloseReason reason);

  // For an answer within the handler's call; false when none is awaited there for `request`.
  bool TakeAnswerInCall(std::uint64_t request, Response& response);
  // Of the request that is being handled.
  void Hold(std::shared_ptr<Held> held, std::chrono::milliseconds at_most);

  // The last answer went out, and what the client still sends is discarded.
  bool lingering() const { return state_ == State::kLingering; }
  // Why it is over, when it is.
  CloseReason close_reason() const { return close_reason_; }

  Place place() const { return place_; }
  // What the socket should be watched for.
  Interest interest() const;
  const ExchangeId& id() const { return id_; }

 private:
  enum class State : std::uint8_t { kReading, kHandling, kSending, kClosing, kLingering };
  // An answer that is made as it is sent.
  struct Stream {
    BodyStream body;
    Code code;
    std::chrono::nanoseconds handled_for;
    std::optional<CloseReason> last;  // none: the connection is kept
  };

  [[nodiscard]] bool Received(std::string_view bytes);
  [[nodiscard]] bool EndOfInput();
  std::size_t HandleRequests(std::string_view bytes);
  [[nodiscard]] bool HandleInput();
  [[nodiscard]] bool Settle();
  [[nodiscard]] bool StartLingering();
  [[nodiscard]] bool Over(CloseReason reason);
  void HandleRequest();
  RequestParser::Outcome Parse(std::string_view bytes, std::size_t& used);
  bool MustRefuse(RequestParser::Outcome outcome);
  void Refuse();
  void ResumeLater();
  bool unread_answers_full() const;
  bool idle() const;
  bool waits() const { return stream_ != nullptr && stream_->body.waits(); }
  void EndWait(CloseReason why);
  void EndWaitIfDue();
  void LetGo();
  void WriteAnswer(Response response);
  void WriteLastAnswer(Response response);
  void RefuseWith(Error error);
  void NameRequest();
  void AppendIdField(std::string& out);
  void CountAnswer(Code code, std::uint64_t body_bytes,
                   std::optional<std::chrono::nanoseconds> handled_for);
  Output::Flushed Flush();
  Output::Flushed SendStream();
  void EndStream();
  void EndAnswer(std::optional<CloseReason> last);
  void ResetOnClose();
  void UpdateTimer();

  ConnectionHost& host_;
  ExchangeId id_;  // its request counts up
  const Place place_;
  RequestParser parser_;
  std::unique_ptr<Stream> stream_;  // while kSending
  std::shared_ptr<Held> held_;      // while kHandling, where that waits
  Output output_;
  std::string input_;  // read but not parsed
  State state_ = State::kReading;
  CloseReason close_reason_ = CloseReason::kClient;
  bool input_ended_ = false;        // the client has closed its side
  bool resume_pending_ = false;     // ResumeLater() was called
  bool stopped_by_output_ = false;  // requests wait in input_ until the client has read more
  bool in_handler_call_ = false;    // of the current request
  SteadyTime handling_since_;

  Alarm alarm_;  // of held_
  Timer timer_;
  // What timer_ was started for: it is started anew when the request or the kind changes.
  std::uint64_t timed_request_ = 0;
  std::uint64_t progress_mark_bytes_ = 0;  // where body or answer stood then
  SteadyTime linger_until_;
};

}  // namespace daybook::http
