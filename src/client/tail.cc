#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "client/command.h"
#include "client/commands.h"
#include "client/cursor_keeper.h"
#include "client/log_reader.h"
#include "http/target.h"

namespace daybook::client {
namespace {

using std::chrono::milliseconds;

// How long a poll waits; the server may be set to less. One without an answer is given up somewhat
// later, so that a server that has gone without a word is noticed.
constexpr milliseconds kWait{20'000};
// A wait that ends earlier was ended by a server that stops.
constexpr milliseconds kWaitMin{50};
constexpr milliseconds kPause{200};
constexpr std::uint64_t kLastUsual = 10;

// What the log's description says of where a read begins; none: that takes a read.
std::optional<std::uint64_t> OffsetOf(const config::ReadStart& start, const Members& log) {
  const std::uint64_t first = log.Number("first_offset").value_or(0);
  const std::uint64_t next = log.Number("next_offset").value_or(0);
  if (start.name == "since") return std::nullopt;
  if (start.name.empty() || start.value == "first") return first;
  if (start.value == "next") return next;
  const std::uint64_t number = std::stoull(start.value);
  if (start.name == "offset") return number;
  return std::max(first, next - std::min(number, next));
}

class Follower {
 public:
  Follower(Command& command, Session& session, CursorKeeper* cursor,
           const config::ReadOptions& options)
      : command_(command),
        cursor_(cursor),
        format_(PageFormat::Make(options.client.output, command.output())),
        reader_(session, *format_, options) {}

  Status Run() {
    while (!command_.is_stopped()) {
      const auto asked = std::chrono::steady_clock::now();
      const std::optional<std::uint64_t> from = reader_.next_offset();
      // While it is not known where to go on, what comes during a wait that is cut off would be
      // lost.
      const std::optional<milliseconds> due = cursor_ ? cursor_->Due() : std::nullopt;
      const Result<LogReader::Page> page =
          reader_.Next(UINT64_MAX, from ? std::min(kWait, due.value_or(kWait)) : milliseconds(0));
      if (!page.ok()) return page.status();
      if (page->refusal) {
        if (Status status = GoOnBehind(*page->refusal); !status.ok()) return status;
      }
      if (Status status = command_.output().Flush(); !status.ok()) return status;
      if (Status status = MoveCursor(); !status.ok()) return status;
      const bool is_idle = from == reader_.next_offset() && !due;
      if (is_idle && std::chrono::steady_clock::now() - asked < kWaitMin)
        (void)command_.waiter().Sleep(kPause);
    }
    return {};
  }

 private:
  Status MoveCursor() {
    if (cursor_ == nullptr || !reader_.next_offset()) return {};
    cursor_->Note(*reader_.next_offset());
    return cursor_->Due() == milliseconds(0) ? cursor_->Move() : Status();
  }

  // What can be done about a refusal: records that are gone are passed over.
  Status GoOnBehind(const Answer& answer) {
    const Members problem = answer.members();
    const bool is_lost = answer.Kind() == "lost";
    const auto resume = problem.Number(is_lost ? "resume_offset" : "first_offset");
    if (answer.code == 410 && resume) {
      const std::optional<std::uint64_t> from = reader_.next_offset();
      command_.Say("gap: the records" + (from ? " from " + std::to_string(*from) : "") + " to " +
                   std::to_string(*resume - 1) + (is_lost ? " are lost" : " were trimmed") +
                   "; going on at " + std::to_string(*resume));
      reader_.MoveTo(*resume);
      return {};
    }
    if (answer.Kind() == "other-log")
      return {StatusCode::kNotFound, "the log was deleted, and made again"};
    return answer.ToStatus();
  }

  Command& command_;
  CursorKeeper* const cursor_;  // null: none
  const std::unique_ptr<PageFormat> format_;
  LogReader reader_;
};

// Where the cursor is, or where one that is made now is; none: at the options' start.
Result<std::optional<std::uint64_t>> BeginAtCursor(CursorKeeper& cursor, Session& session,
                                                   const config::ReadOptions& options) {
  Result<std::optional<std::uint64_t>> found = cursor.Find(session);
  if (!found.ok() || *found) return found;
  const std::string target = "/v1/logs/" + http::PercentEncoded(options.log);
  const Result<Answer> log = session.Ask({"GET", target});
  if (!log.ok()) return log.status();
  if (!log->ok()) return log->ToStatus();
  const std::optional<std::uint64_t> offset = OffsetOf(options.start, log->members());
  if (!offset) return offset;
  if (Status status = cursor.Make(session, *offset); !status.ok()) return status;
  return offset;
}

Status TailLog(config::ReadOptions options, Command& command) {
  Result<Session> session = Session::Open(command.name(), options.client, command.waiter());
  if (!session.ok()) return session.status();
  if (options.cursor.empty()) {
    if (options.start.name.empty()) options.start = {"last", std::to_string(kLastUsual)};
    return Follower(command, *session, nullptr, options).Run();
  }
  Result<CursorKeeper> cursor = CursorKeeper::Open(command.name(), options);
  if (!cursor.ok()) return cursor.status();
  const auto begin = BeginAtCursor(*cursor, *session, options);
  if (!begin.ok()) return begin.status();
  if (*begin) options.start = {"offset", std::to_string(**begin)};
  Status status = Follower(command, *session, &*cursor, options).Run();
  // Only what was written is noted.
  if (Status moved = cursor->Move(); status.ok()) status = moved;
  return status;
}

}  // namespace

int Tail(const config::ReadOptions& options) {
  Command command("tail", Command::Ends::kAtOnce);
  return command.End(TailLog(options, command));
}

}  // namespace daybook::client
