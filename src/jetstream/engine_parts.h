// What the logs of one store share.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "jetstream/catalogue.h"
#include "jetstream/connection.h"
#include "jetstream/engine_counters.h"
#include "jetstream/jetstream_options.h"
#include "jetstream/names.h"
#include "jetstream/operations.h"
#include "jetstream/publish_window.h"
#include "jetstream/stream_api.h"
#include "jetstream/timers.h"
#include "jetstream/workers.h"

namespace daybook::jetstream {

struct EngineParts {
  const JetStreamOptions& options;
  const Names& names;
  Connection& connection;
  StreamApi& api;
  Catalogue& catalogue;
  PublishWindow& window;
  PublishWindow& reads;
  Operations& operations;
  Timers& timers;
  Workers& workers;
  EngineCounters& counters;
  // Whether appends are taken. kUnavailable says why not.
  std::function<Status()> serving;
  // What a log's stream promises less than it must and is not allowed to; "": nothing.
  std::function<std::string(const StreamInfo&)> weakness_of;
  std::atomic<bool>& closed;  // nothing is tried again
};

}  // namespace daybook::jetstream
