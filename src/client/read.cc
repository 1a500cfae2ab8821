#include <algorithm>
#include <cstdint>

#include "client/command.h"
#include "client/commands.h"
#include "client/log_reader.h"

namespace daybook::client {
namespace {

Status ReadLog(const config::ReadOptions& options, Command& command) {
  Result<Session> session = Session::Open(command.name(), options.client, command.waiter());
  if (!session.ok()) return session.status();
  const auto format = PageFormat::Make(options.client.output, command.output());
  LogReader reader(*session, *format, options);
  while (!command.is_stopped()) {
    const std::uint64_t left = options.limit.value_or(UINT64_MAX) - reader.records();
    if (left == 0) return {};
    const Result<LogReader::Page> page = reader.Next(left, {});
    if (!page.ok()) return page.status();
    if (page->refusal) return page->refusal->ToStatus();
    if (Status status = command.output().Flush(); !status.ok()) return status;
    if (page->is_end) return {};
  }
  return {};
}

}  // namespace

int Read(const config::ReadOptions& options) {
  Command command("read", Command::Ends::kAtOnce);
  return command.End(ReadLog(options, command));
}

}  // namespace daybook::client
