// What is to be done, and with which options: from the command line, the environment and a file.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "config/client_options.h"

namespace daybook::config {

using std::chrono::milliseconds;

// No limit of values can be larger.
inline constexpr std::uint64_t kRecordValueBytesMax = 1ULL << 30;

// Time for those who send requests to learn that they are to send them to another daybook.
inline constexpr milliseconds kDrainDelayReplicated{5'000};

// Every option of `daybook serve`, with its default. Sizes are in bytes.
struct Config {
  std::string listen_address = ":8080";
  std::string metrics_address;
  std::uint64_t threads = 0;    // 0: as many as CPUs may be used
  milliseconds drain_delay{0};  // kDrainDelayReplicated with the engine jetstream
  milliseconds drain_timeout{25'000};

  bool protect_metrics = false;
  bool maintenance = false;
  std::string engine = "disk";
  std::string data_dir = "data";
  std::uint64_t segment_size = 128 << 20;
  std::uint64_t disk_reserve = 64 << 20;
  std::uint64_t scrub_rate = 8 << 20;
  std::uint64_t memory_limit = 1ULL << 30;
  milliseconds idempotency_window{3'600'000};
  std::uint64_t idempotency_keys = 100'000;
  std::uint64_t max_logs = 20'000;
  std::uint64_t max_cursors = 1'000;
  bool auto_create = false;
  std::uint64_t max_record_value = 1 << 20;
  std::uint64_t max_record_key = 1 << 10;
  std::uint64_t max_record_headers = 32;
  std::uint64_t max_record_header_bytes = 8 << 10;
  std::uint64_t max_batch = 10'000;
  std::uint64_t max_page_records = 10'000;
  std::uint64_t max_page_bytes = 16 << 20;
  milliseconds max_wait{30'000};

  // Of the engine jetstream alone.
  std::string nats_url;
  std::string nats_monitor_urls;
  std::string nats_prefix = "daybook";
  std::uint64_t nats_replicas = 3;
  milliseconds nats_timeout{5'000};
  bool allow_weaker_durability = false;
  std::string nats_user;
  std::string nats_password_file;
  std::string nats_credentials_file;
  std::string nats_nkey;  // the public one
  std::string nats_nkey_seed_file;
  std::string nats_tls_ca_file;
  std::string nats_tls_certificate_file;
  std::string nats_tls_key_file;

  std::string token_file;             // empty: no token is needed
  std::string cors_origins;           // by commas
  std::uint64_t client_rate = 0;      // requests a second; 0: any number
  std::uint64_t client_burst = 0;     // 0: as many as a second has
  std::uint64_t client_requests = 0;  // under way; 0: any number

  std::uint64_t max_connections = 16384;
  std::uint64_t max_target = 8 << 10;
  std::uint64_t max_header = 32 << 10;
  std::uint64_t max_body = 16 << 20;
  std::uint64_t body_memory = 256 << 20;
  std::uint64_t max_pipelined = 64 << 10;
  std::uint64_t max_unread_answers = 1 << 20;

  milliseconds heartbeat{15'000};
  milliseconds idle_timeout{75'000};
  milliseconds header_timeout{10'000};
  milliseconds body_timeout{30'000};
  milliseconds write_timeout{30'000};
  milliseconds linger_timeout{1'000};
  milliseconds linger_total_timeout{30'000};

  std::string log_level = "info";
  std::string log_format = "auto";
  bool access_log = false;

  std::uint64_t metrics_logs = 100;
  std::uint64_t metrics_cursors = 100;
};

// Of `daybook probe`.
struct ProbeOptions {
  std::string url = "http://127.0.0.1:8080";
  std::string metrics_url;  // empty: url
  milliseconds timeout{10'000};
  bool read_only = false;
  std::string token;  // empty: none
};

// Of `daybook backup` and `daybook restore`.
struct CopyOptions {
  std::string from;
  std::string to;
};

// Of `daybook dump`.
struct DumpOptions {
  std::string data_dir;
  std::string log = "default";
  std::optional<std::uint64_t> from;
  std::optional<std::uint64_t> limit;
  std::string encoding = "base64";
  bool skip_damaged = false;
};

// Of `daybook import`.
struct ImportOptions {
  std::string data_dir;
  std::string file;  // empty: standard input
  std::string log = "default";
  bool create = false;  // the log, if it is not there
  std::uint64_t max_record_value = Config().max_record_value;
};

// Of `daybook verify` and `daybook repair`.
struct ExamOptions {
  std::string data_dir;
  bool repair = false;  // of repair: do it, and do not only show it
};

// Of `daybook token new`.
struct TokenOptions {
  std::string name;
  std::string scopes = "read,append";
  std::string logs = "*";
};

struct CommandLine {
  enum class Action {
    kServe,
    kProbe,
    kBackup,
    kRestore,
    kDump,
    kImport,
    kVerify,
    kRepair,
    kNewToken,
    kAppend,
    kRead,
    kTail,
    kLogs,
    kCursor,
    kVersion,
    kExit
  };

  Action action = Action::kExit;
  int exit_code = 0;     // of kExit: what was to be said has been said
  Config config;         // of kServe
  ProbeOptions probe;    // of kProbe
  CopyOptions copy;      // of kBackup and kRestore
  DumpOptions dump;      // of kDump
  ImportOptions import;  // of kImport
  ExamOptions exam;      // of kVerify and kRepair
  TokenOptions token;    // of kNewToken
  AppendOptions append;  // of kAppend
  ReadOptions read;      // of kRead and kTail
  LogsOptions logs;      // of kLogs
  CursorOptions cursor;  // of kCursor
};

using Arguments = std::vector<std::string>;    // without the program's name
using Environment = std::vector<std::string>;  // "NAME=value" each

// Reads flags, DAYBOOK_* variables and the file that --config names, in that order of strength.
// Help and what --print-config asks for go to stdout; a mistake is named on stderr, with what would
// be right, and is exit code 2.
CommandLine ParseCommandLine(const Arguments& arguments, const Environment& environment);

// The same options read again, from a file that may have changed. kInvalidArgument names a mistake.
Result<Config> Reread(const Arguments& arguments, const Environment& environment);

// Options that can change while the program runs; the others take a restart.
struct Change {
  std::string name;
  std::string before;
  std::string after;
  bool needs_restart = false;
};
std::vector<Change> ChangesBetween(const Config& before, const Config& after);

}  // namespace daybook::config
