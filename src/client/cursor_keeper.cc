#include "client/cursor_keeper.h"

#include <algorithm>

#include "http/target.h"

namespace daybook::client {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatienceMax{5'000};

const Waiter& Uninterrupted() {
  static const Waiter waiter;
  return waiter;
}

}  // namespace

Result<CursorKeeper> CursorKeeper::Open(const char* command, const config::ReadOptions& options) {
  config::ClientOptions client = options.client;
  client.timeout = std::min(client.timeout.value_or(kPatienceMax), kPatienceMax);
  Result<Session> session = Session::Open(command, client, Uninterrupted());
  if (!session.ok()) return session.status();
  return CursorKeeper("/v1/logs/" + http::PercentEncoded(options.log) + "/cursors/" +
                          http::PercentEncoded(options.cursor),
                      std::move(*session));
}

Status CursorKeeper::Take(const Answer& answer) {
  if (!answer.ok()) return answer.ToStatus();
  const Members members = answer.members();
  const std::optional<std::uint64_t> offset = members.Number("offset");
  if (!offset) return NotADaybook();
  offset_ = *offset;
  revision_ = members.Number("revision");
  unanswered_.clear();
  return {};
}

Result<std::optional<std::uint64_t>> CursorKeeper::Find(Session& session) {
  const Result<Answer> answer = session.Ask({"GET", target_});
  if (!answer.ok()) return answer.status();
  if (answer->Kind() == "no-such-cursor") return std::optional<std::uint64_t>();
  if (Status status = Take(*answer); !status.ok()) return status;
  wanted_ = offset_;
  return std::optional(offset_);
}

Result<Answer> CursorKeeper::Put(Session& session, std::uint64_t offset, const char* condition,
                                 const std::string& value) {
  const std::string body = R"({"offset":)" + std::to_string(offset) + "}";
  Result<Answer> answer = session.Ask(
      {"PUT", target_, body, {{"Content-Type", "application/json"}, {condition, value}}});
  const bool is_known =
      std::find(unanswered_.begin(), unanswered_.end(), offset) != unanswered_.end();
  if (session.was_unanswered() && !is_known) unanswered_.push_back(offset);
  if (!answer.ok() || answer->code != 412 || unanswered_.empty()) return answer;
  // It may have been this one's that had no answer.
  Result<Answer> now = session.Ask({"GET", target_});
  if (!now.ok() || !now->ok()) return now;
  const std::optional<std::uint64_t> at = now->members().Number("offset");
  const bool is_own =
      at && std::find(unanswered_.begin(), unanswered_.end(), *at) != unanswered_.end();
  return is_own ? now : answer;
}

Status CursorKeeper::Make(Session& session, std::uint64_t offset) {
  const Result<Answer> answer = Put(session, offset, "If-None-Match", "*");
  if (!answer.ok()) return answer.status();
  if (Status status = Take(*answer); !status.ok()) return status;
  wanted_ = offset_;
  return {};
}

std::optional<milliseconds> CursorKeeper::Due() const {
  if (wanted_ == offset_) return std::nullopt;
  const auto now = std::chrono::steady_clock::now();
  const auto due = moved_ + kInterval;
  return std::chrono::ceil<milliseconds>(std::max(due, now) - now);
}

Status CursorKeeper::Move() {
  if (wanted_ == offset_) return {};
  moved_ = std::chrono::steady_clock::now();
  for (int move = 0; move < 2 && wanted_ != offset_; ++move) {
    const Result<Answer> answer =
        revision_ ? Put(session_, wanted_, "If-Match", "\"" + std::to_string(*revision_) + "\"")
                  : Put(session_, wanted_, "If-None-Match", "*");
    if (!answer.ok()) return {};
    if (answer->code == 408 || answer->code == 429 || answer->code >= 500) return {};
    if (!answer->ok())
      return {StatusCode::kConditionFailed, "the cursor: " + answer->ToStatus().message()};
    // It may be where a move before has brought it.
    if (Status status = Take(*answer); !status.ok()) return status;
  }
  return {};
}

}  // namespace daybook::client
