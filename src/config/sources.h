// Where options' values come from beside the command line: the environment and a file.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "config/config.h"

namespace daybook::config {

struct Setting {
  std::string text;
  std::string source;  // as a mistake in it is named: "--max-body", "DAYBOOK_MAX_BODY", ...
};
using Settings = std::map<std::string, Setting>;  // by the option's name

inline constexpr std::string_view kFileVariable = "DAYBOOK_CONFIG";

// Every DAYBOOK_* variable that is not empty, kFileVariable as "config". Those that are for
// clients, and those that Kubernetes sets for Services (of which one may well be called daybook),
// are passed over; kInvalidArgument names another one that is no option's.
Result<Settings> SettingsOf(const Environment& environment);

// Every key of a file in TOML, without sections. kInvalidArgument names a key that is no option's,
// kIo a file that cannot be read.
Result<Settings> SettingsOfFile(const std::string& path);

// "; did you mean X?" with the candidate that is nearest to `name`; nothing where none is near.
std::string DidYouMean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace daybook::config
