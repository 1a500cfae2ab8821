// A Connection's answers: written, counted and sent.

#include <charconv>
#include <utility>

#include "http/connection.h"

namespace daybook::http {
namespace {

// Of an answer that is made as it is sent, before the other connections have their turn.
constexpr int kFillsPerTurn = 16;

void AppendNumber(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
}

void AppendStatusLine(std::string& out, Code code) {
  if (code == Code::Ok) {
    out.append("HTTP/1.1 200 OK\r\n");
    return;
  }
  out.append("HTTP/1.1 ");
  AppendNumber(out, static_cast<std::uint64_t>(code));
  out.append(" ").append(Reason(code)).append("\r\n");
}

}  // namespace

void Connection::WriteAnswer(Response response) {
  LetGo();
  const Request& request = parser_.request();
  BodyShare held(host_.body_budget());
  if (response.source != nullptr && !held.Resize(response.source->held_bytes()))
    response = host_.router().error_page()(Overloaded());
  const bool bodiless = response.code == Code::No_Content || response.code == Code::Not_Modified;
  const bool sends_body = !bodiless && request.method() != Method::Head;
  std::optional<std::uint64_t> size = response.body.size();
  if (response.source != nullptr) size = response.source->size();
  const bool chunked = !size && request.version_minor() > 0;
  const bool ended_by_close = !size && !chunked && !bodiless;
  const bool wanted =
      parser_.keep_alive() && !response.close && !ended_by_close && place_ == Place::kOrdinary;
  const bool keep_alive = wanted && !host_.closing();
  std::string& out = output_.Tail();
  AppendStatusLine(out, response.code);
  out.append(host_.date_field());
  AppendIdField(out);
  out.append(response.fields);
  host_.router().cors().AppendFields(request, out);
  if (!bodiless && size) {
    out.append("Content-Length: ");
    AppendNumber(out, *size);
    out.append("\r\n");
  } else if (sends_body && chunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  }
  if (!keep_alive) {
    out.append("Connection: close\r\n");
  } else if (request.version_minor() == 0) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
  std::optional<CloseReason> last;
  if (!keep_alive) last = wanted ? CloseReason::kDrain : CloseReason::kFinished;
  const auto handled_for = host_.ReadClock() - handling_since_;
  if (sends_body && response.source != nullptr) {
    state_ = State::kSending;
    stream_ = std::make_unique<Stream>(
        Stream{BodyStream(std::move(response.source), std::move(held), chunked), response.code,
               handled_for, last});
    stream_->body.source().OnStart(Waker(host_.answers(), id_));
    EndWaitIfDue();
    return;
  }
  if (sends_body) output_.Add(std::move(response.body));
  EndAnswer(last);
  CountAnswer(response.code, bodiless ? 0 : size.value_or(0), handled_for);
}

// `last`: why the connection ends with it.
void Connection::EndAnswer(std::optional<CloseReason> last) {
  state_ = last ? State::kClosing : State::kReading;
  if (last) close_reason_ = *last;
}

void Connection::AppendIdField(std::string& out) {
  out.append("X-Request-Id: ").append(parser_.request().id()).append("\r\n");
}

// `handled_for`: none for a request that no handler saw.
void Connection::CountAnswer(Code code, std::uint64_t body_bytes,
                             std::optional<std::chrono::nanoseconds> handled_for) {
  const Request& request = parser_.request();
  const std::size_t method =
      request.method_known() ? IndexOfMethod(request.method()) : kCountedMethods.size() - 1;
  WorkerStats& stats = host_.stats();
  const std::size_t route = request.route().value_or(stats.routes.size() - 1);
  stats.CountAnswer(route, method, code);
  if (handled_for) {
    stats.requests_ended.Add();
    stats.CountDuration(route, *handled_for);
  }
  host_.OnAnswered(request, code, body_bytes, handled_for.value_or(std::chrono::nanoseconds()));
}

void Connection::RefuseWith(Error error) {
  error.method = parser_.request().method();
  WriteLastAnswer(host_.router().error_page()(error));
}

void Connection::WriteLastAnswer(Response response) {
  parser_.TakeSink();  // it has seen its last
  NameRequest();
  std::string& out = output_.Tail();
  AppendStatusLine(out, response.code);
  out.append(host_.date_field());
  AppendIdField(out);
  out.append(response.fields);
  host_.router().cors().AppendFields(parser_.request(), out);
  out.append("Content-Length: ");
  const std::size_t body_bytes = response.body.size();
  AppendNumber(out, body_bytes);
  out.append("\r\nConnection: close\r\n\r\n");
  if (parser_.request().method() != Method::Head) output_.Add(std::move(response.body));
  state_ = State::kClosing;
  close_reason_ =
      response.code == Code::Request_Timeout ? CloseReason::kRequestTimeout : CloseReason::kRefused;
  CountAnswer(response.code, body_bytes, std::nullopt);
}

Output::Flushed Connection::Flush() {
  const std::uint64_t before_bytes = output_.sent_bytes();
  const Output::Flushed flushed = output_.Flush(id_.fd);
  host_.stats().sent_bytes.Add(output_.sent_bytes() - before_bytes);
  return flushed;
}

// Makes and sends as much as the client takes, up to what others may wait for.
Output::Flushed Connection::SendStream() {
  Output::Flushed flushed = Output::Flushed::kAll;
  for (int i = 0; i < kFillsPerTurn && flushed == Output::Flushed::kAll; ++i) {
    stream_->body.Fill(output_);
    flushed = Flush();
    if (stream_->body.ended() && flushed == Output::Flushed::kAll) {
      EndStream();
      return flushed;
    }
    if (stream_->body.waits()) return flushed;
  }
  if (flushed == Output::Flushed::kAll) ResumeLater();
  return flushed;
}

void Connection::EndStream() {
  CountAnswer(stream_->code, stream_->body.bytes(), stream_->handled_for);
  EndAnswer(stream_->last);
  stream_.reset();
  parser_.Next();
  if (state_ == State::kReading && !input_.empty()) ResumeLater();
}

}  // namespace daybook::http
