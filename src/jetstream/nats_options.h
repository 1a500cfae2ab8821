// What cnats is told of a connection.
#pragma once

#include <nats/nats.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "jetstream/connection_options.h"

namespace daybook::jetstream {

struct DestroyNatsOptions {
  void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
};
using NatsOptions = std::unique_ptr<natsOptions, DestroyNatsOptions>;

// What cnats calls, on a thread of its own.
struct NatsCallbacks {
  void* closure = nullptr;                 // none: it calls nothing
  natsConnectionHandler closed = nullptr;  // the last one
  natsErrHandler error = nullptr;
};

// The servers of "nats://a:4222,nats://b:4222".
std::vector<std::string> ServersOf(std::string_view url);

// Of one connection to `server`, which is made once and not again. kInvalidArgument: cnats refuses
// one of them, and which.
Result<NatsOptions> MakeNatsOptions(const ConnectionOptions& options, const std::string& server,
                                    const NatsCallbacks& callbacks);

}  // namespace daybook::jetstream
