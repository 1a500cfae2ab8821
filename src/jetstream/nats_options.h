// What cnats is told of a connection.
#pragma once

#include <nats/nats.h>

#include <memory>

#include "base/status.h"
#include "jetstream/connection.h"

namespace daybook::jetstream {

struct DestroyNatsOptions {
  void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
};
using NatsOptions = std::unique_ptr<natsOptions, DestroyNatsOptions>;

// What cnats calls, on threads of its own.
struct NatsCallbacks {
  void* closure = nullptr;                    // none: it calls nothing
  natsConnectionHandler connected = nullptr;  // also again
  natsConnectionHandler disconnected = nullptr;
  natsConnectionHandler closed = nullptr;  // the last one
  natsErrHandler error = nullptr;
};

// kInvalidArgument: cnats refuses one of them, and which.
Result<NatsOptions> MakeNatsOptions(const ConnectionOptions& options,
                                    const NatsCallbacks& callbacks);

}  // namespace daybook::jetstream
