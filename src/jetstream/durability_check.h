// What the servers of NATS really promise. A client sees a stream's settings and replicas, but not
// whether a server syncs what it acknowledges: only its monitoring tells that.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "jetstream/api_text.h"
#include "jetstream/jetstream_options.h"
#include "log/log.h"

namespace daybook::jetstream {

struct DurabilityFound {
  log::Durability durability = log::Durability::kQuorum;
  std::vector<std::string> weaknesses;  // what to change, each with the setting's name

  // All of them in a sentence.
  std::string Text() const;
};

// Of a stream alone.
DurabilityFound CheckStream(const StreamInfo& info);

// Of a stream and of each server that has a replica of it. Waits for their monitoring.
DurabilityFound CheckServers(const StreamInfo& info, const JetStreamOptions& options);

}  // namespace daybook::jetstream
