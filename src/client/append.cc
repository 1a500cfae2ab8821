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
      appender_.Start(batch_.Lines(0, batch_.records()));
      source_.Fill(next_, false);
      if (Status status = Finish(0, batch_.records()); !status.ok()) return status;
      if (next_.empty()) source_.Fill(next_, true);
    }
    return source_.error();
  }

 private:
  // Of what was started of the batch: the records from `begin` on, before `end`.
  Status Finish(std::size_t begin, std::size_t end) {
    const Result<Answer> answer = appender_.Finish();
    if (answer.ok() && answer->ok()) return {};
    Status why = answer.ok() ? answer->ToStatus() : answer.status();
    if (appender_.is_unknown()) {
      const std::string which = source_.Named(batch_.number(begin), batch_.number(end - 1));
      return {why.code(), why.message() + "; " + which + " may have been appended"};
    }
    if (!answer.ok()) return why;
    const std::optional<std::uint64_t> index = answer->members().Number("index");
    if (index && *index < end - begin) return AppendBefore(begin, begin + *index, why.message());
    // It was a proxy that found it too large.
    if (answer->code == 413 && end - begin > 1) {
      const std::size_t middle = begin + (end - begin) / 2;
      if (Status status = AppendPart(begin, middle); !status.ok()) return status;
      return AppendPart(middle, end);
    }
    return {StatusCode::kUnavailable, why.message()};
  }

  Status AppendPart(std::size_t begin, std::size_t end) {
    appender_.Start(batch_.Lines(begin, end));
    return Finish(begin, end);
  }

  // What stands before a bad record is appended all the same, so that one may go on with that.
  Status AppendBefore(std::size_t begin, std::size_t bad, std::string why) {
    const std::string index = std::to_string(bad - begin);
    // The server counts the lines of a batch.
    const std::string place =
        "line " + std::to_string(bad - begin + 1) + ", record " + index + ": ";
    if (why.starts_with(place)) why.erase(0, place.size());
    if (bad > begin) {
      if (Status status = AppendPart(begin, bad); !status.ok()) return status;
    }
    return {StatusCode::kUnavailable, source_.Named(batch_.number(bad)) + ": " + why};
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
  if (answer.ok() && answer->ok()) return {};
  Status why = answer.ok() ? answer->ToStatus() : answer.status();
  if (!appender.is_unknown()) return why;
  return {why.code(), why.message() + "; the record may have been appended"};
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
  Status status = AppendTo(options, command, appender);
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
