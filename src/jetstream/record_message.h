// A record as a message of a stream: the value is its data; the rest are headers.
//
//   Daybook-Key      the key, escaped as EscapeText() does, '.' and ':' and '/' kept, "%" for one
//                    without a byte; absent: none
//   Daybook-Headers  base64 of the records' headers: u16 how many (little-endian), then the bytes
//                    that HeadersView has; absent: none
//   Daybook-Digest   on the first message of an append with an idempotency key: the BatchDigest in
//                    hexadecimal, '-', how many records the batch has
//
// Its offset is the message's sequence less one, its timestamp that of the stream.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "jetstream/message.h"
#include "log/idempotency.h"
#include "log/record.h"

namespace daybook::jetstream {

// What a message may have beside its value: daybook's headers and those of NATS.
inline constexpr std::uint64_t kHeaderBytesMax = 16 << 10;

void PutRecord(log::NewRecord record, Outgoing& message);

// The record of a message that a direct get gave. Its views point into the message and into what is
// added to `texts`, whose elements stay where they are. kDamaged: it is no record of daybook's.
Result<log::RecordView> RecordOf(const Incoming& message, std::deque<std::string>& texts);

struct KeyedBatch {
  log::BatchDigest digest{};
  std::uint64_t records = 0;

  std::string ToText() const;
  static std::optional<KeyedBatch> Parse(std::string_view text);
};

inline constexpr const char* kDigestHeader = "Daybook-Digest";

// Of the messages of an atomic batch.
inline constexpr const char* kBatchIdHeader = "Nats-Batch-Id";
inline constexpr const char* kBatchSequenceHeader = "Nats-Batch-Sequence";
inline constexpr const char* kBatchCommitHeader = "Nats-Batch-Commit";
// Stored::inside_batch of a message with these.
std::uint64_t InsideBatch(std::optional<std::string_view> batch_sequence, bool commits);

}  // namespace daybook::jetstream
