#include "jetstream/stream_settings.h"

#include <algorithm>

#include "jetstream/text_escape.h"

namespace daybook::jetstream {

namespace {

// Of ages and windows.
constexpr std::chrono::milliseconds kDurationMin{100};

}  // namespace

std::chrono::milliseconds IdempotencyWindow(const JetStreamOptions& options,
                                            const log::Retention& retention) {
  std::chrono::milliseconds window = std::min(options.idempotency_window, kIdempotencyWindowMax);
  if (retention.max_age) window = std::min(window, *retention.max_age);
  return std::max(window, kDurationMin);
}

log::Retention StreamRetention(log::Retention retention) {
  if (retention.max_age) retention.max_age = std::max(*retention.max_age, kDurationMin);
  return retention;
}

StreamSpec CatalogueSpec(const JetStreamOptions& options, const Names& names) {
  StreamSpec spec;
  spec.name = names.CatalogueStream();
  spec.description = "daybook: which logs there are, and their cursors";
  spec.subjects = {names.LogKeys(), names.AllCursorKeys()};
  spec.replicas = options.replicas;
  spec.duplicate_window = std::chrono::minutes(2);
  spec.republish_from = names.LogKeys();
  spec.republish_to = names.LogNoticesFromCatalogue();
  spec.republish_headers_only = false;
  spec.last_of_each_subject = true;
  return spec;
}

StreamSpec LogSpec(const JetStreamOptions& options, const Names& names, const std::string& name,
                   const log::LogId& id, const log::Retention& retention) {
  StreamSpec spec;
  spec.name = names.Stream(name, id);
  spec.description = "daybook: the log " + EscapeText(name, ".");
  spec.subjects = {names.Records(id)};
  spec.metadata = {{"daybook_log", EscapeText(name, ".")}, {"daybook_id", id.ToString()}};
  spec.replicas = options.replicas;
  spec.retention = StreamRetention(retention);
  spec.duplicate_window = IdempotencyWindow(options, retention);
  spec.republish_from = names.Records(id);
  spec.republish_to = names.RecordNotice(id);
  return spec;
}

}  // namespace daybook::jetstream
