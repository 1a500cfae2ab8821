// What the servers of NATS really promise. A client sees a stream's settings and replicas, but not
// whether a server syncs what it acknowledges: only its monitoring tells that.
#pragma once

#include <set>
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

// Of a stream, whose replicas are at servers that sync what they acknowledge: these are known to.
DurabilityFound CheckStream(const StreamInfo& info, const std::set<std::string>& syncing);

// The servers whose monitoring is named, and which of them sync. Waits for them.
DurabilityFound CheckServers(const JetStreamOptions& options, std::set<std::string>& syncing);

}  // namespace daybook::jetstream
