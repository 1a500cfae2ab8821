#include "client/session.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <utility>

namespace daybook::client {
namespace {

using std::chrono::milliseconds;

// No answer takes longer, beside what is waited for.
constexpr milliseconds kTryMax{30'000};
// An outage that is shorter is not told of.
constexpr milliseconds kSilence{1'000};
// A body may go as slowly as that.
constexpr std::size_t kSentBytesPerMs = 64;
constexpr std::size_t kAnswerBytesMax = 64 << 20;
constexpr int kRetryAfterSecondsMax = 3600;

milliseconds RetryAfter(const http::ResponseHead& head) {
  const std::string_view text = head.Field("Retry-After");
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return std::chrono::seconds(std::clamp(seconds, 0, kRetryAfterSecondsMax));
}

// How long the body of a request may be under way, beside what an answer takes.
milliseconds SendTime(const http::ClientRequest& request) {
  return milliseconds(request.body.size() / kSentBytesPerMs);
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
  if (code == 429 || code == 502 || code == 503 || code == 504) return true;
  return retries_faults_ && code >= 500 && code != 501 && code != 505;
}

void Session::Progressed() {
  backoff_.Reset();
  has_told_ = false;
}

void Session::Start(const http::ClientRequest& request) {
  Progressed();
  was_unanswered_ = false;
  send_status_ = client_.Send(request, TryDeadline(SendTime(request)));
}

Result<Session::Opened> Session::AwaitAnswer(milliseconds wait) {
  if (!send_status_.ok()) return send_status_;
  const Waiter::Deadline deadline = TryDeadline(wait);
  const Result<const http::ResponseHead*> head = client_.AwaitHead(deadline);
  if (!head.ok()) return head.status();
  return Opened{(*head)->code, **head, {}};
}

Status Session::Pause(const Status& failure, milliseconds asked_for) {
  const auto now = std::chrono::steady_clock::now();
  const std::optional<milliseconds> pause = backoff_.Next(now, asked_for);
  if (!pause || waiter_->interrupted()) return failure;
  if (!has_told_ && now + *pause > *backoff_.began() + kSilence) {
    has_told_ = true;
    std::fprintf(stderr, "daybook: %s: %s; trying again\n", command_.c_str(),
                 failure.message().c_str());
  }
  return waiter_->Sleep(*pause) == Waiter::Outcome::kInterrupted ? failure : Status();
}

Status Session::PauseAfter(const Status& failure) { return Pause(failure, {}); }

Result<Session::Opened> Session::Retry(const http::ClientRequest& request, milliseconds wait,
                                       bool whole) {
  for (;;) {
    Result<Opened> opened = AwaitAnswer(wait);
    Status failure = opened.status();
    milliseconds asked_for{};
    if (opened.ok()) {
      const bool is_success = opened->code >= 200 && opened->code < 300;
      while (failure.ok() && (whole || !is_success)) {
        const Result<std::string> part = ReadBody();
        failure = part.status();
        if (!part.ok() || part->empty()) break;
        opened->body += *part;
        if (opened->body.size() > kAnswerBytesMax)
          return Status(StatusCode::kInternal, "the answer is too large");
      }
      if (failure.ok() && !IsTransient(opened->code)) return opened;
      asked_for = RetryAfter(opened->head);
    }
    const bool is_answered = opened.ok() && failure.ok();
    if (is_answered) {
      const Answer answer{opened->code, opened->body};
      failure = answer.ToStatus();
    } else {
      was_unanswered_ = true;
    }
    if (Status status = Pause(failure, asked_for); !status.ok()) {
      if (is_answered) return opened;
      return status;
    }
    send_status_ = client_.Send(request, TryDeadline(SendTime(request)));
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

Result<Session::Opened> Session::OpenBody(const http::ClientRequest& request, milliseconds wait) {
  was_unanswered_ = false;
  send_status_ = client_.Send(request, TryDeadline({}));
  return Retry(request, wait, false);
}

Result<std::string> Session::ReadBody() { return client_.ReadBody(TryDeadline({})); }

}  // namespace daybook::client
