#include <cstdio>

#include "app/service.h"
#include "config/config.h"

int main(int argc, char** argv) {
  using daybook::config::CommandLine;
  const CommandLine command_line = daybook::config::ParseCommandLine(argc, argv);
  switch (command_line.action) {
    case CommandLine::Action::kServe:
      return daybook::app::Serve(command_line.config);
    case CommandLine::Action::kVersion:
      std::fputs(daybook::app::VersionText(daybook::app::ThisBuild()).c_str(), stdout);
      return 0;
    case CommandLine::Action::kExit:
      return command_line.exit_code;
  }
}
