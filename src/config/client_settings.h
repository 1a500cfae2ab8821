// What all commands that are clients take: where the server is, what lets one in, how long to try.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>

#include "base/status.h"
#include "config/client_options.h"
#include "config/config.h"

namespace daybook::config {

// What an option was given, "" as well; none: it was not given.
using GivenText = std::optional<std::string>;

// Adds an option to a command, which keeps the two apart.
CLI::Option* AddText(CLI::App& command, const char* names, GivenText& text, const char* help);

// kInvalidArgument: it is empty, where that means nothing.
Status CheckNotEmpty(const char* option, const GivenText& text);

// The text of an option, as CLI11 reads it, as a number; none where it was not given.
// kInvalidArgument names the option.
Result<std::optional<std::uint64_t>> NumberOf(const char* option, const GivenText& text);

// A token that was given as such, or as @FILE, or, where `text` is empty, in DAYBOOK_TOKEN; empty:
// there is none. kInvalidArgument says what is wrong, and never what it is.
Result<std::string> TokenOf(const std::string& text, const Environment& environment);

class ClientSettings {
 public:
  // Adds the options to a command, which outlives this; `outputs` are the forms that it knows.
  void AddTo(CLI::App& command, std::initializer_list<const char*> outputs);
  // Those that were given. kInvalidArgument names a mistake.
  Result<ClientOptions> Take(const Environment& environment) const;
  bool has_timeout() const { return timeout_.has_value(); }

 private:
  GivenText server_;
  GivenText token_;
  GivenText timeout_;
  std::string output_ = "text";
};

}  // namespace daybook::config
