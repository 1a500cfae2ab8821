// What each part of the program has to tell, collected anew for each scrape.
#pragma once

#include <prometheus/collectable.h>

#include <string>
#include <vector>

#include "base/logging.h"
#include "base/mutex.h"
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

// The logs of a store, which outlives the collector.
class LogCollector : public prometheus::Collectable {
 public:
  explicit LogCollector(log::LogStore& store)
      : store_(store), info_(std::make_shared<LastInfo>()) {}
  Families Collect() const override;

 private:
  // What a store tells later than a scrape can wait for is told at the next one.
  struct LastInfo {
    Mutex mutex;
    std::optional<log::LogInfo> info GUARDED_BY(mutex);  // none before it was told the first time
  };

  log::LogStore& store_;
  const std::shared_ptr<LastInfo> info_;
};

}  // namespace daybook::metrics
