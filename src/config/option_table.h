// Builds the table of options: group by group, and in a group by what an option takes.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/options.h"

namespace daybook::config {

class OptionTable {
 public:
  // Whether a text is what the option's `right` says.
  using IsRight = bool (*)(std::string_view);

  static constexpr milliseconds kDurationMax = std::chrono::hours(24);
  static constexpr std::uint64_t kSizeBytesMax = 1ULL << 50;

  std::vector<Option> Take() && { return std::move(options_); }

  // Those that are added from here on are in it.
  void Group(const char* name) { group_ = name; }

  // Without `is_right` it takes any text.
  void Text(const char* name, std::string Config::*member, const char* type, const char* help,
            const char* right, IsRight is_right = nullptr);
  Option& Choice(const char* name, std::string Config::*member,
                 std::initializer_list<std::string> choices, const char* help);
  Option& Switch(const char* name, bool Config::*member, const char* help);
  void Duration(const char* name, milliseconds Config::*member, const char* help,
                milliseconds min = milliseconds(1));
  void Size(const char* name, std::uint64_t Config::*member, const char* help,
            std::uint64_t bytes_min, std::uint64_t bytes_max = kSizeBytesMax);
  void Count(const char* name, std::uint64_t Config::*member, const char* help, std::uint64_t min,
             std::uint64_t max);

 private:
  static void SetNumber(Option& option, std::uint64_t Config::*member,
                        std::optional<std::uint64_t> (*parse)(std::string_view), std::uint64_t min,
                        std::uint64_t max);
  Option& Add(const char* name, std::string type, const char* help, std::string right);

  std::vector<Option> options_;
  std::string group_;
};

}  // namespace daybook::config
