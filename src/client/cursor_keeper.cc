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

void CursorKeeper::Take(const Answer& answer) {
  const Members members = answer.members();
  offset_ = members.Number("offset").value_or(0);
  revision_ = members.Number("revision");
}

Result<std::optional<std::uint64_t>> CursorKeeper::Find() {
  const Result<Answer> answer = session_.Ask({"GET", target_});
  if (!answer.ok()) return answer.status();
  if (answer->Kind() == "no-such-cursor") return std::optional<std::uint64_t>();
  if (!answer->ok()) return answer->ToStatus();
  Take(*answer);
  wanted_ = offset_;
  return std::optional(offset_);
}

Result<Answer> CursorKeeper::Put(std::uint64_t offset, const char* condition,
                                 const std::string& value) {
  const std::string body = R"({"offset":)" + std::to_string(offset) + "}";
  Result<Answer> answer = session_.Ask(
      {"PUT", target_, body, {{"Content-Type", "application/json"}, {condition, value}}});
  if (!answer.ok() || answer->code != 412 || !session_.was_unanswered()) return answer;
  // It may have been this one that had no answer.
  Result<Answer> now = session_.Ask({"GET", target_});
  const bool is_done = now.ok() && now->ok() && now->members().Number("offset") == offset;
  return is_done ? now : answer;
}

Status CursorKeeper::Make(std::uint64_t offset) {
  const Result<Answer> answer = Put(offset, "If-None-Match", "*");
  if (!answer.ok()) return answer.status();
  if (!answer->ok()) return answer->ToStatus();
  Take(*answer);
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
  const Result<Answer> answer =
      revision_ ? Put(wanted_, "If-Match", "\"" + std::to_string(*revision_) + "\"")
                : Put(wanted_, "If-None-Match", "*");
  if (!answer.ok() || answer->code >= 500) return {};
  if (!answer->ok())
    return {StatusCode::kConditionFailed, "the cursor: " + answer->ToStatus().message()};
  Take(*answer);
  return {};
}

}  // namespace daybook::client
