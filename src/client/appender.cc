#include "client/appender.h"

#include <random>
#include <utility>

#include "base/hex.h"
#include "base/units.h"
#include "http/target.h"

namespace daybook::client {
namespace {

// How long a log knows keys as a rule.
constexpr std::chrono::hours kUsualWindow{1};

// That nobody else will have.
std::string RandomPrefix() {
  std::random_device chance;
  std::string prefix;
  for (int word = 0; word < 4; ++word) {
    std::uint32_t bits = chance();
    for (int digit = 0; digit < 8; ++digit, bits >>= 4) prefix += kHexDigits[bits & 0x0F];
  }
  return prefix + "-";
}

// Also of tries before: what the server refuses so it looks at behind the key.
bool SaysWhatBecameOfIt(const Answer& answer) {
  return answer.ok() || answer.code == 400 || answer.code == 412 || answer.code == 422;
}

}  // namespace

Appender::Appender(Session& session, Output& output, const config::AppendOptions& options)
    : session_(session),
      output_(output),
      options_(options),
      log_target_("/v1/logs/" + http::PercentEncoded(options.log)),
      records_target_(log_target_ + "/records"),
      key_prefix_(RandomPrefix()),
      expected_(options.expected_next_offset) {}

Result<Appender::Limits> Appender::AskLimits() {
  Limits limits;
  const Result<Answer> answer = session_.Ask({"GET", "/v1"});
  if (!answer.ok()) return answer.status();
  if (answer->code == 401 || answer->code >= 500) return answer->ToStatus();
  const Members told = answer->members();
  limits.batch.records_max = told.Number("limits.batch_records").value_or(limits.batch.records_max);
  limits.batch.bytes_max = told.Number("limits.body_bytes").value_or(limits.batch.bytes_max);
  limits.value_bytes_max =
      told.Number("limits.record_value_bytes").value_or(limits.value_bytes_max);
  if (Status status = AskWindow(); !status.ok()) return status;
  return limits;
}

Status Appender::AskWindow() {
  const Result<Answer> log = session_.Ask({"GET", log_target_});
  if (!log.ok()) return log.status();
  if (log->code == 401 || log->code >= 500) return log->ToStatus();
  asks_window_again_ = log->code == 404;
  TakeWindow(*log);
  return {};
}

void Appender::TakeWindow(const Answer& log) {
  const auto window = ParseDuration(log.members().Text("idempotency.window").value_or(""));
  session_.RememberedFor(window.value_or(kUsualWindow));
}

http::ClientRequest Appender::Request() const {
  http::ClientRequest request{"POST", target_, body_, {}};
  request.fields.emplace_back("Content-Type", content_type_);
  request.fields.emplace_back("Idempotency-Key", key_prefix_ + std::to_string(requests_));
  if (expected_) request.fields.emplace_back("Expected-Next-Offset", std::to_string(*expected_));
  return request;
}

void Appender::Start(std::string_view lines) {
  Send(records_target_, "application/x-ndjson", lines);
}

void Appender::StartRaw(std::string_view value) {
  Send(records_target_ + (options_.key ? "?key=" + http::PercentEncoded(*options_.key) : ""),
       "application/octet-stream", value);
}

void Appender::Send(std::string target, std::string_view content_type, std::string_view body) {
  ++requests_;
  target_ = std::move(target);
  content_type_ = content_type;
  body_ = body;
  session_.Start(Request());
}

Status Appender::MakeLog() {
  const Result<Answer> made =
      session_.Ask({"PUT",
                    std::string("/v1/logs/") + http::PercentEncoded(options_.log),
                    {},
                    {{"If-None-Match", "*"}}});
  if (!made.ok()) return made.status();
  // Somebody else has made it.
  if (made->code == 412) return AskWindow();
  if (!made->ok()) return made->ToStatus();
  TakeWindow(*made);
  asks_window_again_ = false;
  return {};
}

Result<Answer> Appender::Finish() {
  Result<Answer> answer = session_.Finish(Request());
  if (answer.ok() && options_.create && answer->Kind() == "no-such-log") {
    if (Status status = MakeLog(); !status.ok()) return status;
    answer = session_.Ask(Request());
  }
  is_unknown_ = session_.was_unanswered() && !(answer.ok() && SaysWhatBecameOfIt(*answer));
  if (!answer.ok()) return answer;
  if (answer->code >= 500) return answer->ToStatus();
  if (!answer->ok()) return answer;
  if (Status status = Tell(*answer); !status.ok()) return status;
  // The server may have made the log by itself.
  if (asks_window_again_) {
    if (Status status = AskWindow(); !status.ok()) return status;
  }
  return answer;
}

Status Appender::Tell(const Answer& answer) {
  const Members told = answer.members();
  const auto first = told.Number("first_offset");
  const auto last = told.Number("last_offset");
  if (!first || !last) return {StatusCode::kInternal, "the answer is not a daybook's"};
  records_ += *last - *first + 1;
  if (expected_) expected_ = *last + 1;
  std::string line = std::to_string(*first);
  if (*last != *first) line += ".." + std::to_string(*last);
  if (options_.client.output == config::OutputForm::kJson) line = answer.body;
  while (line.ends_with('\n')) line.pop_back();
  if (Status status = output_.AddText(line + "\n"); !status.ok()) return status;
  return output_.Flush();
}

}  // namespace daybook::client
