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

// The text of an option, as CLI11 reads it, as a number; none where it was not given.
// kInvalidArgument names the option.
Result<std::optional<std::uint64_t>> NumberOf(const char* option, const std::string& text);

// A token that was given as such, or as @FILE, or, where `text` is empty, in DAYBOOK_TOKEN; empty:
// there is none. kInvalidArgument says what is wrong, and never what it is.
Result<std::string> TokenOf(const std::string& text, const Environment& environment);

class ClientSettings {
 public:
  // Adds the options to a command, which outlives this; `outputs` are the forms that it knows.
  void AddTo(CLI::App& command, std::initializer_list<const char*> outputs);
  // Those that were given. kInvalidArgument names a mistake.
  Result<ClientOptions> Take(const Environment& environment) const;
  bool has_timeout() const { return !timeout_.empty(); }

 private:
  std::string server_;
  std::string token_;
  std::string timeout_;
  std::string output_ = "text";
};

}  // namespace daybook::config
