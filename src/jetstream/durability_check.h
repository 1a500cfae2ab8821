// What the servers of NATS really promise. A client sees a stream's settings and replicas, but not
// whether a server syncs what it acknowledges: only its monitoring tells that.
#pragma once

#include <map>
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

// What the monitoring of a server said, by its URL.
struct SeenServer {
  std::string name;
  std::string version;
  bool syncs_always = false;
};
using SeenServers = std::map<std::string, SeenServer>;

// Looks at each server's monitoring, and waits for it. One that cannot be read says what it said
// before: of three servers one may be down, and what is acknowledged then was synced by the others.
// Returns why those cannot be read of which nothing is known.
std::vector<std::string> LookAtServers(const JetStreamOptions& options, SeenServers& seen);

// Of servers, whatever they keep.
DurabilityFound CheckServers(const SeenServers& seen);

// Of a stream, and of its replicas that can acknowledge something: each must be at a server that is
// known to sync.
DurabilityFound CheckStream(const StreamInfo& info, const SeenServers& seen);

}  // namespace daybook::jetstream
