#include "config/options.h"

#include <utility>

#include "base/units.h"
#include "config/access_options.h"
#include "config/nats_options.h"
#include "config/option_table.h"

namespace daybook::config {
namespace {

// A batch, encoded, has to stay below the 4 GiB that positions within a block can say.
constexpr std::uint64_t kBodyBytesMax = kRecordValueBytesMax;
// What lengths in a frame can say of a record's key and its headers, and how many of those.
constexpr std::uint64_t kRecordTextBytesMax = 63 << 10;
constexpr std::uint64_t kRecordHeadersMax = 255;
constexpr std::uint64_t kLogsMax = 100'000;
constexpr std::uint64_t kCursorsMax = 10'000;  // of one log
constexpr std::uint64_t kSeriesMax = 10'000;
constexpr std::uint64_t kRecordsMax = 1'000'000;  // that are handled in one step
// What the index of a segment can say, with room for the largest frame.
constexpr std::uint64_t kSegmentBytesMax = 16ULL << 30;

void AddServing(OptionTable& table) {
  constexpr const char* kAddress = "host:port, [v6]:port, or :port";
  table.Group("Serving");
  table.Text("listen-address", &Config::listen_address, "ADDRESS",
             "host:port, [v6]:port, or :port (as [::]:port) for every address of both families",
             kAddress);
  table.Text("metrics-address", &Config::metrics_address, "ADDRESS",
             "where /metrics is served instead, and the probes as well; empty: at listen-address",
             kAddress);
  table.Count("threads", &Config::threads,
              "worker threads; 0: as many as the CPUs that affinity and cgroup quota allow", 0,
              256);
  table.Duration("drain-delay", &Config::drain_delay,
                 "how long a stop goes on accepting connections before it begins to close them; "
                 "where it is not set, 5s with the engine jetstream",
                 milliseconds(0));
  table.Duration("drain-timeout", &Config::drain_timeout,
                 "how long a stop waits for requests under way");
}

void AddLog(OptionTable& table) {
  table.Group("Log");
  table.Switch("maintenance", &Config::maintenance,
               "open no log and lock no folder, so that tools can work on it; /readyz says 503");
  table.Choice("engine", &Config::engine, {"disk", "memory", "jetstream"},
               "what keeps the records; memory: they are gone when the process ends; jetstream: "
               "NATS servers, for any number of daybooks");
  table.Text("data-dir", &Config::data_dir, "FOLDER",
             "where the engine disk keeps them; it is made if it is not there", "a folder");
  table.Size("segment-size", &Config::segment_size,
             "size at which the engine disk begins a new file", 64 << 10, kSegmentBytesMax);
  table.Size("disk-reserve", &Config::disk_reserve,
             "what stays free of the disk; below it appends get 507", 0);
  table.Size("scrub-rate", &Config::scrub_rate,
             "bytes a second at which what is on the disk is verified, once a day; 0: it is not",
             0);
  table.Size("memory-limit", &Config::memory_limit,
             "what the records may take in memory; above it appends get 507", 1 << 10);
  table.Duration("idempotency-window", &Config::idempotency_window,
                 "how long an append's Idempotency-Key is remembered");
  table.Count("idempotency-keys", &Config::idempotency_keys,
              "how many keys of a log are remembered, the newest ones", 1, 1'000'000);
  table.Count("max-logs", &Config::max_logs, "logs, of which default is one; one more gets 507", 1,
              kLogsMax);
  table.Count("max-cursors", &Config::max_cursors, "cursors of one log; one more gets 507", 0,
              kCursorsMax);
  table.Switch("auto-create", &Config::auto_create,
               "the first append to a log that is not there makes it");
  table.Size("max-record-value", &Config::max_record_value, "largest value of one record", 1,
             kBodyBytesMax);
  table.Size("max-record-key", &Config::max_record_key, "largest key of one record", 1,
             kRecordTextBytesMax);
  table.Count("max-record-headers", &Config::max_record_headers, "headers of one record", 0,
              kRecordHeadersMax);
  table.Size("max-record-header-bytes", &Config::max_record_header_bytes,
             "names and values of all headers of one record together", 0, kRecordTextBytesMax);
  table.Count("max-batch", &Config::max_batch, "records of one append", 1, kRecordsMax);
  table.Count("max-page-records", &Config::max_page_records,
              "records that one read gives; a reader who asks for more gets that many", 1,
              kRecordsMax);
  table.Size("max-page-bytes", &Config::max_page_bytes,
             "the same in bytes; one record is given even if it is larger", 1, kBodyBytesMax);
  table.Duration("max-wait", &Config::max_wait,
                 "how long a read may wait for its first record; one that would wait longer waits "
                 "so long");
}

void AddLimits(OptionTable& table) {
  table.Group("Limits");
  table.Count("max-connections", &Config::max_connections,
              "connections; one more is answered 503 unless it is a probe's", 1, 1'000'000);
  table.Size("max-target", &Config::max_target, "a request's target", 64);
  table.Size("max-header", &Config::max_header, "a request's line and header fields", 1 << 10);
  table.Size("max-body", &Config::max_body, "a request's body", 1, kBodyBytesMax);
  table.Size("body-memory", &Config::body_memory,
             "all request bodies, and large answers, under way together", 1 << 10);
  table.Size("max-pipelined", &Config::max_pipelined,
             "read ahead of the request that is being handled", 1 << 10);
  table.Size("max-unread-answers", &Config::max_unread_answers,
             "answers that a client has not read while more of its requests are handled", 1 << 10);
}

void AddTimeouts(OptionTable& table) {
  table.Group("Time-outs");
  table.Duration("heartbeat", &Config::heartbeat,
                 "an event stream without a record, until a comment is sent");
  table.Duration("idle-timeout", &Config::idle_timeout, "a connection between requests");
  table.Duration("header-timeout", &Config::header_timeout,
                 "from a request's first byte to its header's end");
  table.Duration("body-timeout", &Config::body_timeout, "a body that makes no progress");
  table.Duration("write-timeout", &Config::write_timeout, "a client that does not read its answer");
  table.Duration("linger-timeout", &Config::linger_timeout,
                 "after a connection's last answer: silence before it is closed");
  table.Duration("linger-total-timeout", &Config::linger_total_timeout,
                 "after a connection's last answer: how long what still comes is discarded");
}

void AddLogging(OptionTable& table) {
  table.Group("Logging");
  table
      .Choice("log-level", &Config::log_level, {"debug", "info", "warn", "error"},
              "what is written to standard output")
      .reloadable = true;
  table.Choice("log-format", &Config::log_format, {"auto", "text", "json"},
               "text or JSON lines; auto: text on a terminal, else JSON lines");
  table.Switch("access-log", &Config::access_log, "a line for each request").reloadable = true;
}

void AddMetrics(OptionTable& table) {
  table.Group("Metrics");
  table.Count("metrics-logs", &Config::metrics_logs,
              "logs that have series of their own: default, and the first by name", 1, kSeriesMax);
  table.Count(
      "metrics-cursors", &Config::metrics_cursors,
      "cursors of those logs, together, that have series of their own: the first by log and "
      "name",
      0, kSeriesMax);
}

}  // namespace

std::string Option::variable() const {
  std::string variable = "DAYBOOK_";
  for (const char c : name)
    variable += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c & ~0x20 : c);
  return variable;
}

const std::vector<Option>& Options() {
  static const std::vector<Option> options = [] {
    OptionTable table;
    AddServing(table);
    AddLog(table);
    AddNatsOptions(table);
    AddAccessOptions(table);
    AddLimits(table);
    AddTimeouts(table);
    AddLogging(table);
    AddMetrics(table);
    return std::move(table).Take();
  }();
  return options;
}

const Option* FindOption(std::string_view name) {
  for (const Option& option : Options()) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

Status CheckTogether(const Config& config) {
  const auto wrong = [](const char* name, std::uint64_t bytes, const char* reason) {
    return Status(StatusCode::kInvalidArgument,
                  std::string(name) + ": '" + FormatSize(bytes) + "' is less than " + reason);
  };
  if (config.body_memory < config.max_body) {
    return wrong("body-memory", config.body_memory,
                 ("max-body, " + FormatSize(config.max_body) + "; it has to hold at least one body")
                     .c_str());
  }
  if (config.max_header < config.max_target) {
    return wrong(
        "max-header", config.max_header,
        ("max-target, " + FormatSize(config.max_target) + "; a header begins with its target")
            .c_str());
  }
  if (Status status = CheckAccessOptions(config); !status.ok()) return status;
  return CheckNatsOptions(config);
}

}  // namespace daybook::config
