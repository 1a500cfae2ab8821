#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "app/probe.h"
#include "app/service.h"
#include "app/tools.h"
#include "client/commands.h"
#include "config/config.h"

namespace {

// A descriptor that was closed would be the next socket's or file's, which is no place to write to.
void KeepStandardDescriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) < 0) (void)::open("/dev/null", O_RDONLY);
  }
}

// The exit code of what was only to write something.
int Written(int code) {
  std::cout.flush();
  const bool is_written = std::cout.good() && std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (is_written || code != 0) return code;
  std::fputs("daybook: cannot write to standard output\n", stderr);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace daybook;
  using config::CommandLine;
  KeepStandardDescriptors();
  const config::Arguments arguments(argv + 1, argv + argc);
  config::Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  const CommandLine command_line = config::ParseCommandLine(arguments, environment);
  switch (command_line.action) {
    case CommandLine::Action::kServe:
      return app::Serve(command_line.config,
                        [&] { return config::Reread(arguments, environment); });
    case CommandLine::Action::kProbe:
      return app::Probe(command_line.probe);
    case CommandLine::Action::kBackup:
      return app::Backup(command_line.copy);
    case CommandLine::Action::kRestore:
      return app::Restore(command_line.copy);
    case CommandLine::Action::kDump:
      return app::Dump(command_line.dump);
    case CommandLine::Action::kImport:
      return app::Import(command_line.import);
    case CommandLine::Action::kVerify:
      return app::Verify(command_line.exam);
    case CommandLine::Action::kRepair:
      return app::Repair(command_line.exam);
    case CommandLine::Action::kNewToken:
      return app::NewToken(command_line.token);
    case CommandLine::Action::kAppend:
      return client::Append(command_line.append);
    case CommandLine::Action::kRead:
      return client::Read(command_line.read);
    case CommandLine::Action::kTail:
      return client::Tail(command_line.read);
    case CommandLine::Action::kLogs:
      return client::Logs(command_line.logs);
    case CommandLine::Action::kCursor:
      return client::Cursor(command_line.cursor);
    case CommandLine::Action::kVersion:
      std::fputs(app::VersionText(app::ThisBuild()).c_str(), stdout);
      return Written(0);
    case CommandLine::Action::kExit:
      return Written(command_line.exit_code);
  }
}
