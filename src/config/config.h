// The command line: what is to be done, and with which options.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace daybook::config {

using std::chrono::milliseconds;

// Every option of `daybook serve`, with its default. Sizes are in bytes.
struct Config {
  std::string listen_address = ":8080";
  std::uint64_t threads = 0;  // 0: one for each core
  std::uint64_t memory_limit = 1ULL << 30;
  std::string log_level = "info";
  milliseconds drain_timeout{25'000};

  std::uint64_t max_connections = 16384;
  std::uint64_t max_target = 8 << 10;
  std::uint64_t max_header = 32 << 10;
  std::uint64_t max_body = 16 << 20;
  std::uint64_t max_record_value = 1 << 20;
  std::uint64_t body_memory = 256 << 20;
  std::uint64_t max_pipelined = 64 << 10;
  std::uint64_t max_unread_answers = 1 << 20;

  milliseconds idle_timeout{75'000};
  milliseconds header_timeout{10'000};
  milliseconds body_timeout{30'000};
  milliseconds write_timeout{30'000};
};

struct CommandLine {
  enum class Action { kServe, kVersion, kExit };

  Action action = Action::kExit;
  int exit_code = 0;  // of kExit: what was to be said has been said
  Config config;
};

// Reads the arguments. Help goes to stdout; a mistake is named on stderr, with what would be right,
// and is exit code 2.
CommandLine ParseCommandLine(int argc, const char* const* argv);

}  // namespace daybook::config
