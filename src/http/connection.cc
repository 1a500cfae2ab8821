#include "http/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <utility>

#include "base/check.h"

namespace daybook::http {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
// What an idle connection keeps of its input buffer.
constexpr std::size_t kKeptInputBytesMax = 1 << 10;
constexpr std::size_t kRequestIdBytesMax = 128;

}  // namespace

Connection::Connection(ConnectionHost& host, const ExchangeId& id, Place place,
                       const ClientAddress& client)
    : host_(host),
      id_(id),
      place_(place),
      parser_(host.limits(), host.body_budget(),
              [this](Request& request) -> std::optional<Upload> {
                if (place_ == Place::kSpare) return std::nullopt;
                NameRequest();
                return host_.router().BeginUpload(request, host_.body_budget());
              }),
      alarm_(id.fd),
      timer_(id.fd) {
  parser_.request().client_ = client;
  UpdateTimer();
}

void Connection::OnClose(CloseReason reason) {
  if (state_ == State::kHandling) host_.stats().requests_ended.Add();
  if (stream_ == nullptr) return;
  // A client of HTTP/1.0 would take the body for whole.
  ResetOnClose();
  stream_->body.source().OnCut(reason);
  CountAnswer(stream_->code, stream_->body.bytes(), stream_->handled_for);
}

bool Connection::OnReadable(std::string& scratch) {
  const ssize_t received = ::recv(id_.fd, scratch.data(), scratch.size(), MSG_DONTWAIT);
  if (received > 0) {
    const auto bytes = static_cast<std::size_t>(received);
    host_.stats().received_bytes.Add(bytes);
    return Received(std::string_view(scratch.data(), bytes));
  }
  if (received == 0) return EndOfInput();
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

bool Connection::Received(std::string_view bytes) {
  if (state_ == State::kLingering) {
    host_.timers().Start(timer_, TimerKind::kLinger, host_.now());
    return host_.now() < linger_until_;
  }
  const bool stopped = state_ != State::kReading || resume_pending_ || stopped_by_output_;
  if (stopped || !input_.empty()) {
    input_.append(bytes);
    return stopped ? Settle() : HandleInput();
  }
  input_.append(bytes.substr(HandleRequests(bytes)));
  return Settle();
}

bool Connection::EndOfInput() {
  input_ended_ = true;
  if (state_ == State::kLingering) return false;
  EndWait(CloseReason::kClient);
  return Settle();
}

bool Connection::HandleInput() {
  input_.erase(0, HandleRequests(input_));
  if (input_.empty() && input_.capacity() > kKeptInputBytesMax) std::string().swap(input_);
  return Settle();
}

bool Connection::Resume() {
  resume_pending_ = false;
  return HandleInput();
}

bool Connection::OnWritable() { return Settle(); }

bool Connection::unread_answers_full() const {
  return output_.bytes() > host_.limits().unread_answer_bytes_max;
}

void Connection::ResumeLater() {
  resume_pending_ = true;
  host_.ResumeLater(id_);
}

// Returns how many of `bytes` are done with.
std::size_t Connection::HandleRequests(std::string_view bytes) {
  std::size_t used = 0;
  std::size_t handled = 0;
  while (state_ == State::kReading && used < bytes.size()) {
    if (unread_answers_full()) {
      Flush();
      stopped_by_output_ = unread_answers_full();
      if (stopped_by_output_) break;
    }
    if (handled == host_.limits().pipelined_requests_per_turn) {
      ResumeLater();
      break;
    }
    const RequestParser::Outcome outcome = Parse(bytes.substr(used), used);
    if (outcome == RequestParser::Outcome::kError) {
      RefuseWith(parser_.error());
      used = bytes.size();
    } else if (outcome == RequestParser::Outcome::kRefused) {
      WriteLastAnswer(std::move(parser_.refusal()));
      used = bytes.size();
    } else if (MustRefuse(outcome)) {
      Refuse();
      used = bytes.size();
    } else if (outcome == RequestParser::Outcome::kRequest) {
      ++handled;
      HandleRequest();
    } else {
      if (parser_.TakeContinue()) output_.Add(kContinue);
      break;
    }
  }
  return used;
}

// What a sink throws is an error of its request.
RequestParser::Outcome Connection::Parse(std::string_view bytes, std::size_t& used) {
  try {
    return parser_.Parse(bytes, used);
  } catch (const std::exception& fault) {
    host_.ReportFault(fault.what());
    return parser_.Fail({Code::Internal_Server_Error, "internal", "the body could not be taken"});
  }
}

// As soon as the header is there: a body is not waited for.
bool Connection::MustRefuse(RequestParser::Outcome outcome) {
  return place_ == Place::kSpare &&
         (outcome == RequestParser::Outcome::kRequest ||
          parser_.phase() == RequestParser::Phase::kBody) &&
         !host_.router().IsForCrowded(parser_.request());
}

void Connection::Refuse() {
  host_.stats().connections_refused.Add();
  RefuseWith(TooManyConnections());
}

// Takes over the client's id of the request where that can go into a log and a header as it is.
void Connection::NameRequest() {
  Request& request = parser_.request();
  if (!request.id_.empty()) return;
  const std::string_view given = request.Header("x-request-id").value_or("");
  const bool sane =
      !given.empty() && given.size() <= kRequestIdBytesMax &&
      std::all_of(given.begin(), given.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  request.id_ = sane ? std::string(given) : host_.MakeRequestId();
}

void Connection::HandleRequest() {
  state_ = State::kHandling;
  ++id_.request;
  NameRequest();
  host_.stats().requests_begun.Add();
  handling_since_ = host_.last_read();
  in_handler_call_ = true;
  try {
    Responder responder(host_.answers(), id_);
    if (const std::unique_ptr<BodySink> sink = parser_.TakeSink()) {
      host_.router().FinishUpload(*sink, parser_.request(), std::move(responder));
    } else {
      host_.router().Dispatch(parser_.request(), host_.body_budget(), std::move(responder));
    }
  } catch (const std::exception& fault) {
    // Its Responder has answered 500 on the way here.
    host_.ReportFault(fault.what());
  }
  in_handler_call_ = false;
  if (state_ != State::kHandling && state_ != State::kSending) parser_.Next();
}

bool Connection::TakeAnswerInCall(std::uint64_t request, Response& response) {
  if (!in_handler_call_ || request != id_.request || state_ != State::kHandling) return false;
  WriteAnswer(std::move(response));
  return true;
}

// --- waits

void Connection::Hold(std::shared_ptr<Held> held, std::chrono::milliseconds at_most) {
  CHECK(in_handler_call_ && state_ == State::kHandling, "a request is held that is not handled");
  held_ = std::move(held);
  host_.timers().Set(alarm_, host_.now() + at_most);
  EndWaitIfDue();
}

void Connection::LetGo() {
  Timers::Stop(alarm_);
  held_.reset();
}

void Connection::OnAlarm() {
  if (held_ != nullptr) held_->End();
}

bool Connection::OnWake(std::uint64_t request) {
  if (request != id_.request) return true;
  if (held_ != nullptr) held_->OnWake();
  return stream_ == nullptr || Settle();
}

// `why`: kDrain or kClient.
void Connection::EndWait(CloseReason why) {
  if (held_ != nullptr) held_->End();
  if (stream_ != nullptr) stream_->body.source().EndSoon(why);
}

// What comes when nobody is to wait any more.
void Connection::EndWaitIfDue() {
  if (host_.draining()) {
    EndWait(CloseReason::kDrain);
  } else if (input_ended_) {
    EndWait(CloseReason::kClient);
  }
}

bool Connection::OnAnswer(std::uint64_t request, Response response) {
  if (request != id_.request || state_ != State::kHandling) return true;
  WriteAnswer(std::move(response));
  if (state_ != State::kSending) parser_.Next();
  return HandleInput();
}

// Writes what can be written and brings state and timer in line with it.
bool Connection::Settle() {
  Output::Flushed flushed = Output::Flushed::kAll;
  try {
    flushed = stream_ != nullptr && !resume_pending_ ? SendStream() : Flush();
  } catch (const std::exception& fault) {
    host_.ReportFault(fault.what());
    return Over(CloseReason::kFault);
  }
  if (flushed == Output::Flushed::kBroken) return Over(CloseReason::kClient);
  if (stream_ != nullptr && !stream_->body.has_room()) return Over(CloseReason::kOverload);
  if (stopped_by_output_ && !unread_answers_full()) {
    stopped_by_output_ = false;
    ResumeLater();
  }
  // A request of which the rest cannot come any more gets no answer.
  if (state_ == State::kReading && input_ended_ && !resume_pending_ && !stopped_by_output_)
    state_ = State::kClosing;
  if (state_ == State::kClosing && flushed == Output::Flushed::kAll) return StartLingering();
  UpdateTimer();
  return host_.draining() && idle() ? Over(CloseReason::kDrain) : true;
}

// For `return Over(reason)` where a connection ends.
bool Connection::Over(CloseReason reason) {
  close_reason_ = reason;
  return false;
}

bool Connection::idle() const {
  return state_ == State::kReading && parser_.phase() == RequestParser::Phase::kBetween &&
         input_.empty() && output_.empty();
}

bool Connection::StartLingering() {
  std::string().swap(input_);
  if (input_ended_) return false;
  ::shutdown(id_.fd, SHUT_WR);
  state_ = State::kLingering;
  parser_.request().pass_.reset();
  const Limits& limits = host_.limits();
  linger_until_ =
      host_.now() + (place_ == Place::kSpare ? limits.linger_timeout : limits.linger_total_timeout);
  host_.timers().Start(timer_, TimerKind::kLinger, host_.now());
  return true;
}

Connection::Interest Connection::interest() const {
  Interest interest;
  interest.write = !output_.empty();
  const bool ahead = state_ == State::kHandling || state_ == State::kSending || resume_pending_ ||
                     stopped_by_output_;
  interest.read = !input_ended_ && state_ != State::kClosing &&
                  (!ahead || input_.size() < host_.limits().pipelined_bytes_max);
  return interest;
}

// Between two requests, in a header, in a body or with an answer that the client does not take, a
// timer runs; a request that is being handled has the time that its handler takes.
void Connection::UpdateTimer() {
  TimerKind kind = TimerKind::kIdle;
  if (!output_.empty()) {
    kind = TimerKind::kWrite;
  } else if (waits()) {
    kind = TimerKind::kQuiet;
  } else if (state_ == State::kHandling || state_ == State::kSending || resume_pending_) {
    Timers::Stop(timer_);
    return;
  } else if (parser_.phase() == RequestParser::Phase::kHeader) {
    kind = TimerKind::kHeader;
  } else if (parser_.phase() == RequestParser::Phase::kBody) {
    kind = TimerKind::kBody;
  }
  if (place_ == Place::kSpare && kind != TimerKind::kWrite) kind = TimerKind::kSpare;
  if (timer_.running() && timer_.kind() == kind && timed_request_ == id_.request) return;
  timed_request_ = id_.request;
  progress_mark_bytes_ = kind == TimerKind::kWrite ? output_.sent_bytes() : parser_.body_bytes();
  host_.timers().Start(timer_, kind, host_.now());
}

bool Connection::OnTimer() {
  const auto progressed = [&](std::uint64_t bytes) {
    if (bytes - progress_mark_bytes_ < host_.limits().progress_bytes_min) return false;
    UpdateTimer();
    return true;
  };
  switch (timer_.kind()) {
    case TimerKind::kIdle:
      return Over(CloseReason::kIdleTimeout);
    case TimerKind::kLinger:
      return false;
    case TimerKind::kSpare:
      Refuse();
      return Settle();
    case TimerKind::kQuiet:
      stream_->body.source().OnQuiet();
      return Settle();
    case TimerKind::kWrite:
      if (progressed(output_.sent_bytes())) return true;
      // What the client did not read so far is not worth the kernel's memory either.
      ResetOnClose();
      return Over(CloseReason::kWriteTimeout);
    case TimerKind::kHeader:
      RefuseWith(
          {Code::Request_Timeout, "request-timeout", "the header did not come to its end in time"});
      return Settle();
    case TimerKind::kBody:
      if (progressed(parser_.body_bytes())) return true;
      RefuseWith({Code::Request_Timeout, "request-timeout", "the body stalled"});
      return Settle();
  }
  return false;
}

void Connection::ResetOnClose() {
  const linger reset{1, 0};
  ::setsockopt(id_.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

bool Connection::Drain(std::string& scratch) {
  EndWait(CloseReason::kDrain);
  if (stream_ != nullptr) return Settle();
  // A request may have arrived that nobody has looked at yet.
  if (!idle()) return true;
  if (!OnReadable(scratch)) return false;
  return idle() ? Over(CloseReason::kDrain) : true;
}

}  // namespace daybook::http
