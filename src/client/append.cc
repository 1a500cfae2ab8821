#include <unistd.h>

#include <csignal>
#include <optional>
#include <string>
#include <utility>

#include "client/appender.h"
#include "client/batch_source.h"
#include "client/command.h"
#include "client/commands.h"

namespace daybook::client {
namespace {

using Input = config::AppendOptions::Input;

// Appends what the source gives. While one batch is under way the next is gathered.
class Run {
 public:
  Run(Command& command, Appender& appender, BatchSource& source, const BatchLimits& limits)
      : command_(command), appender_(appender), source_(source), batch_(limits), next_(limits) {}

  // An error says what was not appended, and why.
  Status AppendAll() {
    source_.Fill(next_, true);
    while (!next_.empty() && command_.signals().first() == 0) {
      std::swap(batch_, next_);
      next_.Clear();
      appender_.Start(batch_.lines());
      source_.Fill(next_, false);
      if (Status status = FinishBatch(); !status.ok()) return status;
      if (next_.empty()) source_.Fill(next_, true);
    }
    return source_.error();
  }

 private:
  Status FinishBatch() {
    const Result<Answer> answer = appender_.Finish();
    if (!answer.ok()) return answer.status();
    return answer->ok() ? Status() : AppendBefore(*answer);
  }

  // What stands before a bad record is appended all the same, so that one may go on with that.
  Status AppendBefore(const Answer& refusal) {
    std::string why = refusal.ToStatus().message();
    const std::optional<std::uint64_t> index = refusal.members().Number("index");
    if (!index || *index >= batch_.records()) return {StatusCode::kUnavailable, why};
    const std::string where = source_.Named(batch_.number(*index));
    // The server counts the lines of a batch.
    const std::string place =
        "line " + std::to_string(*index + 1) + ", record " + std::to_string(*index) + ": ";
    if (why.starts_with(place)) why.erase(0, place.size());
    batch_.Truncate(*index);
    if (!batch_.empty()) {
      appender_.Start(batch_.lines());
      const Result<Answer> answer = appender_.Finish();
      if (!answer.ok()) return answer.status();
      if (!answer->ok()) return answer->ToStatus();
    }
    return {StatusCode::kUnavailable, where + ": " + why};
  }

  Command& command_;
  Appender& appender_;
  BatchSource& source_;
  AppendBatch batch_;  // that is under way
  AppendBatch next_;
};

Status AppendRaw(const config::AppendOptions& options, Command& command, Appender& appender,
                 const Appender::Limits& limits) {
  std::string value;
  InputLines input(STDIN_FILENO, command.interrupted_waiter(), limits.value_bytes_max);
  const auto outcome = input.All(limits.value_bytes_max, value);
  if (!outcome.ok()) return outcome.status();
  if (*outcome == InputLines::Outcome::kStopped) return {};
  // Only as JSON a record has headers.
  std::string line;
  if (!options.headers.empty()) {
    if (Status status = AppendRecordLine(options, value, line); !status.ok()) return status;
  }
  if (line.empty()) {
    appender.StartRaw(value);
  } else {
    appender.Start(line);
  }
  const Result<Answer> answer = appender.Finish();
  if (!answer.ok()) return answer.status();
  return answer->ok() ? Status() : answer->ToStatus();
}

Status AppendTo(const config::AppendOptions& options, Command& command, Appender& appender) {
  const Result<Appender::Limits> limits = appender.AskLimits();
  if (!limits.ok()) return limits.status();
  if (options.input == Input::kRaw) return AppendRaw(options, command, appender, *limits);
  BatchSource source(options, limits->batch, command.interrupted_waiter());
  return Run(command, appender, source, limits->batch).AppendAll();
}

Status Append(const config::AppendOptions& options, Command& command) {
  Result<Session> session = Session::Open(command.name(), options.client, command.waiter());
  if (!session.ok()) return session.status();
  session->RetryFaults();
  Appender appender(*session, command.output(), options);
  const Status status = AppendTo(options, command, appender);
  const int signal = command.signals().first();
  if (status.ok() && signal == 0) return status;
  const std::string count = "; records appended: " + std::to_string(appender.records());
  if (status.ok()) {
    return {StatusCode::kUnavailable,
            std::string("ended by ") + (signal == SIGINT ? "SIGINT" : "SIGTERM") + count};
  }
  return {status.code() == StatusCode::kInvalidArgument ? StatusCode::kUnavailable : status.code(),
          status.message() + count};
}

}  // namespace

int Append(const config::AppendOptions& options) {
  Command command("append", Command::Ends::kInOrder);
  return command.End(Append(options, command));
}

}  // namespace daybook::client
