// The one table of options: an entry is a flag of `daybook serve`, a DAYBOOK_* variable and a key
// of the configuration file.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "config/config.h"

namespace daybook::config {

struct Option {
  std::string name;   // "idle-timeout": --idle-timeout, DAYBOOK_IDLE_TIMEOUT, idle-timeout = "75s"
  std::string group;  // "Time-outs"
  std::string help;
  std::string type;   // "DURATION"
  std::string right;  // "a duration from 1ms to 24h, such as 250ms, 30s, 5m or 2h"
  bool reloadable = false;
  bool is_switch = false;  // takes true and false; the flag alone is true
  bool quoted = true;      // in the file

  // Returns false when the text is not what `right` says.
  std::function<bool(Config&, const std::string&)> set;
  // A text that `set` takes.
  std::function<std::string(const Config&)> get;

  std::string flag() const { return "--" + name; }
  std::string variable() const;
};

const std::vector<Option>& Options();
const Option* FindOption(std::string_view name);

// Options that are right each by itself but not together: kInvalidArgument.
Status CheckTogether(const Config& config);

}  // namespace daybook::config
