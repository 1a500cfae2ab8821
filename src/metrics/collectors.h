// What each part of the program has to tell, collected anew for each scrape.
#pragma once

#include <prometheus/collectable.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "api/access_gate.h"
#include "api/live_stats.h"
#include "base/logging.h"
#include "http/server.h"
#include "log/log.h"

namespace daybook::metrics {

using Families = std::vector<prometheus::MetricFamily>;

// The program itself: which it is, and the process_* metrics that every exporter has.
class ProcessCollector : public prometheus::Collectable {
 public:
  ProcessCollector(std::string version, std::string revision, std::string compiler,
                   std::string engine);
  Families Collect() const override;

 private:
  const std::string version_;
  const std::string revision_;
  const std::string compiler_;
  const std::string engine_;
};

// The lines of the log.
class LoggingCollector : public prometheus::Collectable {
 public:
  explicit LoggingCollector(const logging::Writer& writer) : writer_(writer) {}
  Families Collect() const override;

 private:
  const logging::Writer& writer_;
};

// The servers, taken together; each outlives the collector.
class HttpCollector : public prometheus::Collectable {
 public:
  explicit HttpCollector(std::vector<const http::Server*> servers) : servers_(std::move(servers)) {}
  Families Collect() const override;

 private:
  const std::vector<const http::Server*> servers_;
};

// Those who wait for records, and follow them.
class LiveCollector : public prometheus::Collectable {
 public:
  explicit LiveCollector(std::shared_ptr<const api::LiveStats> stats) : stats_(std::move(stats)) {}
  Families Collect() const override;

 private:
  const std::shared_ptr<const api::LiveStats> stats_;
};

// Who is let in, and who is not.
class AccessCollector : public prometheus::Collectable {
 public:
  explicit AccessCollector(api::Access access) : access_(std::move(access)) {}
  Families Collect() const override;

 private:
  const api::Access access_;
};

// How many logs, and cursors of them, have series of their own.
struct SeriesLimits {
  std::uint64_t logs_max = 100;
  std::uint64_t cursors_max = 100;  // of all those logs together
};

// The logs of a store, which outlives the collector. Those with series are the same at each scrape:
// `default`, and the first by name.
class LogCollector : public prometheus::Collectable {
 public:
  explicit LogCollector(log::LogStore& store, const SeriesLimits& limits = {});
  ~LogCollector() override;
  Families Collect() const override;

 private:
  struct Last;

  log::LogStore& store_;
  const SeriesLimits limits_;
  // What a store tells later than a scrape can wait for is told at the next one.
  const std::shared_ptr<Last> last_;
};

}  // namespace daybook::metrics
