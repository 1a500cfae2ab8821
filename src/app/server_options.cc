#include "app/server_options.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/cpus.h"
#include "base/logging.h"

namespace daybook::app {
namespace {

// Descriptors for everything that is no client's connection: epoll, mail and wake-up of each
// worker, and the rest.
constexpr std::size_t kDescriptorsPerThread = 4;
constexpr std::size_t kOtherDescriptors = 128;
constexpr std::size_t kStoreDescriptors = 3'000;  // of the engine `disk`, whose files are open
// Of scrapers and probes, where they have an address of their own.
constexpr std::size_t kOperationsConnectionsMax = 64;

std::size_t ConnectionsThatFit(std::size_t threads, std::size_t spare, bool on_disk) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return SIZE_MAX;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t others =
      kOtherDescriptors + threads * kDescriptorsPerThread + spare +
      (on_disk ? std::min<std::size_t>(kStoreDescriptors, limit.rlim_cur / 2) : 0);
  return std::max<std::size_t>(limit.rlim_cur, others + 1) - others;
}

void ReportFault(std::string_view what) {
  logging::Error("a request handler failed", {{"what", what}});
}

}  // namespace

http::ServerOptions ServerOptionsOf(const config::Config& config, AccessLog& access_log) {
  http::ServerOptions options;
  options.listen_address = config.listen_address;
  options.threads = config.threads != 0 ? config.threads : UsableCpus();
  http::Limits& limits = options.limits;
  limits.connections_max = config.max_connections;
  limits.target_bytes_max = config.max_target;
  limits.header_bytes_max = config.max_header;
  limits.body_bytes_max = config.max_body;
  limits.body_memory_bytes_max = config.body_memory;
  limits.pipelined_bytes_max = config.max_pipelined;
  limits.unread_answer_bytes_max = config.max_unread_answers;
  limits.quiet_time = config.heartbeat;
  limits.idle_timeout = config.idle_timeout;
  limits.header_timeout = config.header_timeout;
  limits.body_timeout = config.body_timeout;
  limits.write_timeout = config.write_timeout;
  limits.linger_timeout = config.linger_timeout;
  limits.linger_total_timeout = config.linger_total_timeout;
  if (const std::size_t fit =
          ConnectionsThatFit(options.threads, limits.connections_spare, config.engine == "disk");
      fit < limits.connections_max) {
    logging::Warn("max-connections is lowered: the process may not open more descriptors",
                  {{"from", limits.connections_max}, {"to", fit}});
    limits.connections_max = fit;
  }
  options.report_fault = ReportFault;
  options.observer = &access_log;
  return options;
}

api::ApiLimits ApiLimitsOf(const config::Config& config) {
  api::ApiLimits limits;
  limits.record = {config.max_record_value, config.max_record_key, config.max_record_headers,
                   config.max_record_header_bytes};
  limits.batch_records_max = config.max_batch;
  limits.page_records_max = config.max_page_records;
  limits.page_bytes_max = config.max_page_bytes;
  limits.wait_max = config.max_wait;
  limits.body_bytes_max = config.max_body;
  limits.request_header_bytes_max = config.max_header;
  limits.logs_max = config.max_logs;
  limits.cursors_max = config.max_cursors;
  limits.auto_create = config.auto_create;
  return limits;
}

metrics::SeriesLimits SeriesLimitsOf(const config::Config& config) {
  return {config.metrics_logs, config.metrics_cursors};
}

http::ServerOptions OperationsServerOptionsOf(const config::Config& config, AccessLog& access_log) {
  http::ServerOptions options;
  options.listen_address = config.metrics_address;
  options.report_fault = ReportFault;
  options.limits.connections_max = kOperationsConnectionsMax;
  options.limits.connections_spare = 0;
  options.observer = &access_log;
  return options;
}

}  // namespace daybook::app
