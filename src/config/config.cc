#include "config/config.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <functional>
#include <iostream>
#include <limits>
#include <string_view>
#include <system_error>

#include "config/units.h"

namespace daybook::config {
namespace {

constexpr int kBadConfiguration = 2;

// Adds the options of `serve` to a CLI11 app, each with a check whose message says what would be
// right.
class Options {
 public:
  Options(CLI::App& app, Config& config) : app_(app), config_(config) {}

  void Add() {
    Group("Serving");
    app_.add_option("--listen-address", config_.listen_address,
                    "host:port, [v6]:port, or :port for every address of both families")
        ->group(group_)
        ->capture_default_str();
    Count("--threads", config_.threads, "worker threads; 0: one for each core", 0, 256);
    Duration("--drain-timeout", config_.drain_timeout,
             "how long a stop waits for requests under way");

    Group("Log");
    Size("--memory-limit", config_.memory_limit,
         "what the records may take in memory; above it appends get 507", 1 << 10);
    Size("--max-record-value", config_.max_record_value, "largest value of one record", 1,
         kBodyBytesMax);

    Group("Limits");
    Count("--max-connections", config_.max_connections, "connections; one more is answered 503", 1,
          1'000'000);
    Size("--max-target", config_.max_target, "a request's target", 64);
    Size("--max-header", config_.max_header, "a request's line and header fields", 1 << 10);
    Size("--max-body", config_.max_body, "a request's body", 1, kBodyBytesMax);
    Size("--body-memory", config_.body_memory, "all request bodies under way together", 1 << 10);
    Size("--max-pipelined", config_.max_pipelined,
         "read ahead of the request that is being handled", 1 << 10);
    Size("--max-unread-answers", config_.max_unread_answers,
         "answers that a client has not read while more of its requests are handled", 1 << 10);

    Group("Time-outs");
    Duration("--idle-timeout", config_.idle_timeout, "a connection between requests");
    Duration("--header-timeout", config_.header_timeout,
             "from a request's first byte to its header's end");
    Duration("--body-timeout", config_.body_timeout, "a body that makes no progress");
    Duration("--write-timeout", config_.write_timeout, "a client that does not read its answer");

    Group("Logging");
    app_.add_option("--log-level", config_.log_level, "what is written to the log")
        ->group(group_)
        ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
        ->capture_default_str();
  }

 private:
  void Group(const char* name) { group_ = name; }

  void Custom(const char* name, const std::string& shown_default, const char* help,
              const char* type, const std::function<bool(const std::string&)>& parse,
              const std::string& right) {
    app_.add_option_function<std::string>(
            name,
            [=](const std::string& text) {
              if (!parse(text)) throw CLI::ValidationError(name, "'" + text + "' is not " + right);
            },
            help)
        ->group(group_)
        ->type_name(type)
        ->default_str(shown_default);
  }

  void Duration(const char* name, milliseconds& value, const char* help) {
    const auto parse = [&value](const std::string& text) {
      const auto parsed = ParseDuration(text);
      if (!parsed || parsed->count() == 0 || *parsed > kDurationMax) return false;
      value = *parsed;
      return true;
    };
    Custom(name, FormatDuration(value), help, "DURATION", parse,
           "a duration above 0 and at most 24h, such as 250ms, 30s, 5m or 2h");
  }

  void Size(const char* name, std::uint64_t& value, const char* help, std::uint64_t bytes_min,
            std::uint64_t bytes_max = kSizeMax) {
    const auto parse = [&value, bytes_min, bytes_max](const std::string& text) {
      const auto parsed = ParseSize(text);
      if (!parsed || *parsed < bytes_min || *parsed > bytes_max) return false;
      value = *parsed;
      return true;
    };
    Custom(name, FormatSize(value), help, "SIZE", parse,
           "a size from " + FormatSize(bytes_min) + " to " + FormatSize(bytes_max) +
               ", such as 512, 64Ki or 1Mi");
  }

  void Count(const char* name, std::uint64_t& value, const char* help, std::uint64_t min,
             std::uint64_t max) {
    const auto parse = [&value, min, max](const std::string& text) {
      std::uint64_t parsed = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
      if (error != std::errc() || end != text.data() + text.size() || parsed < min || parsed > max)
        return false;
      value = parsed;
      return true;
    };
    Custom(name, std::to_string(value), help, "NUMBER", parse,
           "a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  }

  static constexpr milliseconds kDurationMax = std::chrono::hours(24);
  static constexpr std::uint64_t kSizeMax = 1ULL << 50;
  // A batch, encoded, has to stay below the 4 GiB that positions within a block can say.
  static constexpr std::uint64_t kBodyBytesMax = 1ULL << 30;

  CLI::App& app_;
  Config& config_;
  std::string group_;
};

// Options that are right each by itself but not together.
void CheckTogether(const Config& config) {
  if (config.body_memory < config.max_body) {
    throw CLI::ValidationError(
        "--body-memory", "'" + FormatSize(config.body_memory) + "' is less than --max-body, " +
                             FormatSize(config.max_body) + "; it has to hold at least one body");
  }
  if (config.max_header < config.max_target) {
    throw CLI::ValidationError(
        "--max-header", "'" + FormatSize(config.max_header) + "' is less than --max-target, " +
                            FormatSize(config.max_target) + "; a header begins with its target");
  }
}

}  // namespace

CommandLine ParseCommandLine(int argc, const char* const* argv) {
  CommandLine command_line;
  CLI::App app("daybook: an append-only commit log over HTTP", "daybook");
  app.require_subcommand(1);
  CLI::App* serve = app.add_subcommand("serve", "Serve the log over HTTP until SIGTERM or SIGINT");
  CLI::App* version = app.add_subcommand("version", "Say which daybook this is");
  Options(*serve, command_line.config).Add();
  try {
    app.parse(argc, argv);
    CheckTogether(command_line.config);
  } catch (const CLI::Success& done) {
    app.exit(done);
    return command_line;
  } catch (const CLI::ParseError& mistake) {
    std::cerr << "daybook: " << mistake.what()
              << "\nSee daybook --help and daybook serve --help.\n";
    command_line.exit_code = kBadConfiguration;
    return command_line;
  }
  command_line.action =
      version->parsed() ? CommandLine::Action::kVersion : CommandLine::Action::kServe;
  return command_line;
}

}  // namespace daybook::config
