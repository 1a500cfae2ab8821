#include <gtest/gtest.h>

#include <string>

#include "config/config.h"
#include "config/options.h"
#include "support/document.h"

namespace daybook::config {
namespace {

constexpr const char* kIntroduction = R"(# Configuration

<!-- Made from the options by `make docs`. -->

Each option of `daybook serve` is a flag, an environment variable and a key of the configuration file: `--idle-timeout 75s`,
`DAYBOOK_IDLE_TIMEOUT=75s`, `idle-timeout = "75s"`. A flag counts before a variable, a variable before the file, the file
before the default.

- The file is named by `--config FILE` or `DAYBOOK_CONFIG`. It is TOML: one `key = value` a line, `#` before a comment, no
  sections.
- A variable that is empty is as if it were not set. An unknown `DAYBOOK_*` variable is a mistake, except those that
  Kubernetes sets for a Service whose name begins with `daybook` (`DAYBOOK_PORT=tcp://...`, `DAYBOOK_SERVICE_HOST` and the
  like), and those of [the clients](command-line.md), `DAYBOOK_SERVER` and `DAYBOOK_TOKEN`, which are ignored.
- A mistake names the option, the value and what would be right; the program then ends with code 2.
- `daybook serve --print-config` prints the options in effect, and where each is from, as such a file.
- SIGHUP has the file read again. The options that are marked so change at once, the log says which others wait for a
  restart; where there is a mistake, all stay as they are.

A DURATION is a whole number and a unit: `250ms`, `30s`, `5m`, `2h`, `1d`. A SIZE is in bytes, or with `Ki`, `Mi`, `Gi`, `Ti`
behind it.
)";

TEST(ConfigurationPage, IsMadeFromTheOptions) {
  std::string page = kIntroduction;
  std::string group;
  for (const Option& option : Options()) {
    if (option.group != group) {
      group = option.group;
      page += "\n## " + group +
              "\n\n| option | default | what it is | what it takes |\n|---|---|---|---|\n";
    }
    const std::string initial = option.get(Config());
    std::string right = option.right;
    for (std::size_t at = 0; (at = right.find('|', at)) != std::string::npos; at += 2)
      right.insert(at, "\\");
    page += "| `" + option.name + "` | " + (initial.empty() ? "" : "`" + initial + "`") + " | " +
            option.help + (option.reloadable ? " (SIGHUP changes it)" : "") + " | " + right +
            " |\n";
  }
  test::ExpectDocument("configuration.md", page);
}

}  // namespace
}  // namespace daybook::config
