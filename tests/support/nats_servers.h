// The NATS servers that ctest's fixture `nats` started (tests/nats/cluster.py).
#pragma once

#include <string>
#include <vector>

namespace daybook::test {

struct NatsServers {
  std::string url;                        // as a client takes it, all of them
  std::vector<std::string> monitor_urls;  // in the same order
  std::string none;                       // why there is none; empty: there is one
};

// As they were at the first call. On any thread.
const NatsServers& RunningNats();

}  // namespace daybook::test
