#include "client/session.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <utility>

#include "base/printable.h"
#include "http/target.h"

namespace daybook::client {
namespace {

using std::chrono::milliseconds;

// No answer takes longer, beside what is waited for.
constexpr milliseconds kTryMax{30'000};
// An outage that is shorter is not told of.
constexpr milliseconds kSilence{1'000};
constexpr std::size_t kAnswerBytesMax = 16 << 20;
constexpr int kRetryAfterSecondsMax = 3600;

milliseconds RetryAfter(const http::ResponseHead& head) {
  const std::string_view text = head.Field("Retry-After");
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return std::chrono::seconds(std::clamp(seconds, 0, kRetryAfterSecondsMax));
}

// Of a clock that goes on while the machine sleeps, as the server's does.
milliseconds BootTime() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::duration_cast<milliseconds>(std::chrono::seconds(now.tv_sec) +
                                                  std::chrono::nanoseconds(now.tv_nsec));
}

// 501, 505: what is asked for is not known there.
bool IsFault(unsigned code) { return code >= 500 && code != 501 && code != 505; }

// Whether a server that answers so may have done what it was asked for, or have passed it on.
bool MayHaveDone(const Answer& answer) {
  return IsFault(answer.code) && answer.members().Text("outcome") != "not_appended";
}

}  // namespace

Result<Session> Session::Open(std::string command, const config::ClientOptions& options,
                              const Waiter& waiter) {
  Result<http::ServerUrl> server = http::ServerUrl::Parse(options.server);
  if (!server.ok()) return server.status();
  return Session(std::move(command), options, std::move(*server), waiter);
}

Session::Session(std::string command, const config::ClientOptions& options, http::ServerUrl server,
                 const Waiter& waiter)
    : command_(std::move(command)),
      timeout_(options.timeout),
      waiter_(&waiter),
      client_(std::move(server), options.token, waiter),
      backoff_(options.timeout) {}

Waiter::Deadline Session::TryDeadline(milliseconds wait) const {
  return std::chrono::steady_clock::now() + wait + std::min(timeout_.value_or(kTryMax), kTryMax);
}

bool Session::IsTransient(unsigned code) const {
  if (code == 408 || code == 429 || code == 502 || code == 503 || code == 504) return true;
  return retries_faults_ && IsFault(code);
}

void Session::Progressed() {
  backoff_.Reset();
  has_told_ = false;
}

void Session::Send(const http::ClientRequest& request) {
  try_began_ = BootTime();
  body_bytes_ = request.body.size();
  send_status_ = client_.Send(request, TryDeadline({}));
}

void Session::Start(const http::ClientRequest& request) {
  Progressed();
  unanswered_since_.reset();
  Send(request);
}

Result<Session::Opened> Session::AwaitAnswer(milliseconds wait) {
  if (!send_status_.ok()) return send_status_;
  const Waiter::Deadline deadline = TryDeadline(wait);
  const Result<const http::ResponseHead*> head = client_.AwaitHead(deadline);
  if (!head.ok()) return head.status();
  return Opened{(*head)->code, **head, {}};
}

bool Session::MayBeForgotten(milliseconds after) const {
  if (!unanswered_since_ || !remembered_for_) return false;
  // The next try is under way for a while, too.
  constexpr std::size_t kSentBytesPerMs = 64;
  const milliseconds margin =
      std::min(*remembered_for_ / 4, kTryMax + milliseconds(body_bytes_ / kSentBytesPerMs));
  return BootTime() + after - *unanswered_since_ > *remembered_for_ - margin;
}

Status Session::Pause(const Status& failure, milliseconds asked_for) {
  const auto now = std::chrono::steady_clock::now();
  const std::optional<milliseconds> pause = backoff_.Next(now, asked_for);
  if (!pause || waiter_->interrupted()) return failure;
  Status late(StatusCode::kUnavailable,
              failure.message() +
                  "; it is too late to try again, for a try without an answer may be "
                  "forgotten by now");
  if (MayBeForgotten(*pause)) return late;
  if (!has_told_ && now + *pause > *backoff_.began() + kSilence) {
    has_told_ = true;
    std::fprintf(stderr, "daybook: %s: %s; trying again\n", command_.c_str(),
                 PrintableLine(failure.message()).c_str());
  }
  if (waiter_->Sleep(*pause) == Waiter::Outcome::kInterrupted) return failure;
  // This process may have been stopped for longer.
  return MayBeForgotten({}) ? late : Status();
}

Status Session::PauseAfter(const Status& failure) { return Pause(failure, {}); }

Status Session::ReadAll(std::string& body, Waiter::Deadline deadline) {
  for (;;) {
    const Result<std::string> part = client_.ReadBody(deadline);
    if (!part.ok()) return part.status();
    if (part->empty()) return {};
    body += *part;
    if (body.size() > kAnswerBytesMax) return {StatusCode::kInternal, "the answer is too large"};
  }
}

Result<Session::Opened> Session::Retry(const http::ClientRequest& request, milliseconds wait,
                                       bool whole) {
  for (;;) {
    Result<Opened> opened = AwaitAnswer(wait);
    Status failure = opened.status();
    if (opened.ok() && (whole || opened->code < 200 || opened->code >= 300))
      failure = ReadAll(opened->body, TryDeadline({}));
    const bool is_answered = failure.ok();
    const bool may_be_done =
        is_answered ? MayHaveDone({opened->code, opened->body}) : client_.was_sent();
    if (may_be_done && !unanswered_since_) unanswered_since_ = try_began_;
    if (failure.code() == StatusCode::kInternal) return failure;
    if (is_answered && !IsTransient(opened->code)) return opened;
    milliseconds asked_for{};
    if (is_answered) {
      failure = Answer{opened->code, opened->body}.ToStatus();
      asked_for = RetryAfter(opened->head);
    }
    if (Status status = Pause(failure, asked_for); !status.ok()) {
      if (is_answered) return opened;
      return status;
    }
    Send(request);
  }
}

Result<Answer> Session::Finish(const http::ClientRequest& request) {
  Result<Opened> opened = Retry(request, {}, true);
  if (!opened.ok()) return opened.status();
  return Answer{opened->code, std::move(opened->body)};
}

Result<Answer> Session::Ask(const http::ClientRequest& request) {
  Start(request);
  return Finish(request);
}

Result<std::string> Session::AskLogId(const std::string& target) {
  const Result<Answer> log = Ask({"GET", target});
  if (!log.ok()) return log.status();
  if (log->code == 403) return std::string();
  if (!log->ok()) return log->ToStatus();
  const std::optional<std::string> id = log->members().Text("id");
  if (!id) return NotADaybook();
  return "?log_id=" + http::PercentEncoded(*id);
}

Result<Session::Opened> Session::OpenBody(const http::ClientRequest& request, milliseconds wait) {
  unanswered_since_.reset();
  Send(request);
  return Retry(request, wait, false);
}

Result<std::string> Session::ReadBody() { return client_.ReadBody(TryDeadline({})); }

}  // namespace daybook::client
