// The settings of the streams that a store makes.
#pragma once

#include <string>

#include "jetstream/api_text.h"
#include "jetstream/jetstream_options.h"
#include "jetstream/names.h"
#include "log/log_id.h"

namespace daybook::jetstream {

// For how long retries are told; NATS wants it no longer than the records live.
std::chrono::milliseconds IdempotencyWindow(const JetStreamOptions& options,
                                            const log::Retention& retention);

// What a stream is given for it, which NATS takes: no age below a tenth of a second.
log::Retention StreamRetention(log::Retention retention);

StreamSpec CatalogueSpec(const JetStreamOptions& options, const Names& names);
StreamSpec LogSpec(const JetStreamOptions& options, const Names& names, const std::string& name,
                   const log::LogId& id, const log::Retention& retention);

}  // namespace daybook::jetstream
