#include "log/memory_log.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "log/refusals.h"

namespace daybook::log {
namespace {

// The first block that batches share is small, for there may be many logs with little in them; each
// that follows is twice as large as the one before, up to a bound.
constexpr std::size_t kFirstBlockBytes = 4 << 10;
constexpr std::size_t kBlockBytes = 1 << 20;
// A larger batch gets a block of its own, so that at most this much of a shared block stays unused.
constexpr std::size_t kSharedBatchBytesMax = kBlockBytes / 8;
constexpr std::uint32_t kNoKey = std::numeric_limits<std::uint32_t>::max();

// What stands before a record's key, headers (as HeadersView has them) and value in a block.
struct Frame {
  Timestamp timestamp;
  std::uint32_t key_bytes;
  std::uint32_t header_count;
  std::uint32_t headers_bytes;
  std::uint32_t value_bytes;
};

std::size_t HeadersBytes(const NewRecord& record) {
  std::size_t bytes = record.headers.size() * HeadersView::kLengthsBytes;
  for (const auto& [name, value] : record.headers) bytes += name.size() + value.size();
  return bytes;
}

template <typename Record>
std::size_t EncodedBytes(const Record& record) {
  return sizeof(Frame) + record.headers.size() * HeadersView::kLengthsBytes + PayloadBytes(record);
}

class Encoder {
 public:
  explicit Encoder(char* out) : out_(out) {}

  void Put(const NewRecord& record, Timestamp timestamp) {
    Copy(Frame{timestamp, record.key ? Length(record.key->size()) : kNoKey,
               Length(record.headers.size()), Length(HeadersBytes(record)),
               Length(record.value.size())});
    if (record.key) Copy(std::string_view(*record.key));
    for (const auto& [name, value] : record.headers) out_ = HeadersView::Put(out_, name, value);
    Copy(std::string_view(record.value));
  }
  char* position() const { return out_; }

 private:
  static std::uint32_t Length(std::size_t length) {
    CHECK(length < kNoKey, "a part of a record is longer than its length field can say");
    return static_cast<std::uint32_t>(length);
  }
  void Copy(std::string_view bytes) {
    std::memcpy(out_, bytes.data(), bytes.size());
    out_ += bytes.size();
  }
  template <typename T>
  void Copy(const T& object) {
    std::memcpy(out_, &object, sizeof object);
    out_ += sizeof object;
  }

  char* out_;
};

class Decoder {
 public:
  explicit Decoder(const char* in) : in_(in) {}

  RecordView Get(Offset offset) {
    const auto frame = Take<Frame>();
    RecordView record;
    record.offset = offset;
    record.timestamp = frame.timestamp;
    if (frame.key_bytes != kNoKey) record.key = Take(frame.key_bytes);
    record.headers = HeadersView(Take(frame.headers_bytes), frame.header_count);
    record.value = Take(frame.value_bytes);
    return record;
  }

 private:
  std::string_view Take(std::size_t bytes) {
    const std::string_view taken(in_, bytes);
    in_ += bytes;
    return taken;
  }
  template <typename T>
  T Take() {
    T object;
    std::memcpy(&object, in_, sizeof object);
    in_ += sizeof object;
    return object;
  }

  const char* in_;
};

}  // namespace

struct MemoryLog::Block : std::enable_shared_from_this<Block> {
  explicit Block(std::size_t capacity_bytes)
      : bytes(new char[capacity_bytes]), capacity(capacity_bytes) {}

  std::unique_ptr<char[]> bytes;
  std::size_t capacity;
  std::size_t used = 0;
  std::size_t records = 0;
};

MemoryLog::MemoryLog(const Clock& clock, MemoryAccount& account, Settings settings)
    : clock_(clock),
      account_(account),
      name_(std::move(settings.name)),
      limits_(settings.limits),
      id_(LogId::Random()),
      created_(clock.Now()),
      next_block_bytes_(kFirstBlockBytes),
      retention_(settings.retention),
      window_(settings.idempotency) {}

MemoryLog::~MemoryLog() {
  const MutexLock lock(mutex_);
  account_.Release(held_bytes_ + cursor_bytes_);
}

std::shared_ptr<const void> MemoryLog::Delete() {
  struct Content {
    std::deque<std::shared_ptr<Block>> blocks;
    std::deque<Entry> index;
    CursorTable cursors;
  };
  const auto content = std::make_shared<Content>();
  const MutexLock lock(mutex_);
  deleted_ = true;
  content->blocks.swap(blocks_);
  content->index.swap(index_);
  std::swap(content->cursors, cursors_);
  current_ = nullptr;
  account_.Release(held_bytes_ + cursor_bytes_);
  held_bytes_ = cursor_bytes_ = 0;
  return content;
}

Status MemoryLog::Present() const { return deleted_ ? LogDeleted(name_) : Status(); }

void MemoryLog::Append(Batch batch, AppendOptions options, AppendDone done) {
  CHECK(!batch.empty(), "an append of no records");
  std::size_t batch_bytes = 0;
  for (const NewRecord& record : batch) batch_bytes += EncodedBytes(record);
  const BatchDigest digest = options.idempotency_key.empty() ? BatchDigest{} : DigestOf(batch);
  Result<Appended> result = [&]() -> Result<Appended> {
    const MutexLock lock(mutex_);
    Result<Appended> appended = AppendLocked(batch, batch_bytes, options, digest);
    Expire();
    return appended;
  }();
  const bool moved = result.ok() && !result->replayed;
  done(std::move(result));
  if (moved) watches_.Tell();
}

Result<Appended> MemoryLog::AppendLocked(const Batch& batch, std::size_t batch_bytes,
                                         AppendOptions& options, const BatchDigest& digest) {
  if (Status present = Present(); !present.ok()) return present;
  if (account_.closed()) return Stopping();
  Expire();
  // A wall clock may step back; a log's timestamps do not.
  last_timestamp_ = std::max(last_timestamp_, clock_.Now());
  if (!options.idempotency_key.empty()) {
    if (auto replay = window_.Replay(options.idempotency_key, digest, last_timestamp_))
      return *std::move(replay);
  }
  const Offset first_offset = next_offset();
  if (options.expected_next_offset.value_or(first_offset) != first_offset)
    return NotTheEnd(*options.expected_next_offset, first_offset);
  const std::uint64_t cost = batch_bytes + batch.size() * sizeof(Entry);
  if (Status room = account_.Reserve(cost, "this append"); !room.ok()) return room;
  Block& block = BlockWithRoomFor(batch_bytes);
  Encoder encoder(block.bytes.get() + block.used);
  std::uint64_t payload_bytes = 0;
  for (const NewRecord& record : batch) {
    const auto position = static_cast<std::uint32_t>(encoder.position() - block.bytes.get());
    encoder.Put(record, last_timestamp_);
    index_.push_back(Entry{&block, position});
    payload_bytes += PayloadBytes(record);
  }
  block.used += batch_bytes;
  block.records += batch.size();
  held_bytes_ += cost;
  account_.CountAppend(batch.size(), payload_bytes);
  const Appended appended{first_offset, first_offset + batch.size(), last_timestamp_};
  if (!options.idempotency_key.empty()) {
    window_.Add({std::move(options.idempotency_key), digest, appended.first_offset,
                 appended.next_offset, appended.timestamp});
  }
  return appended;
}

MemoryLog::Block& MemoryLog::BlockWithRoomFor(std::size_t bytes) {
  CHECK(bytes <= std::numeric_limits<std::uint32_t>::max(),
        "a batch is larger than a block can be");
  if (bytes > kSharedBatchBytesMax) return *blocks_.emplace_back(std::make_shared<Block>(bytes));
  if (current_ == nullptr || current_->capacity - current_->used < bytes) {
    if (current_ != nullptr && current_->records == 0) Forget(*current_);
    current_ =
        blocks_.emplace_back(std::make_shared<Block>(std::max(next_block_bytes_, bytes))).get();
    next_block_bytes_ = std::min(2 * next_block_bytes_, kBlockBytes);
  }
  return *current_;
}

void MemoryLog::Read(Offset from, const ReadLimits& limits, ReadDone done) {
  Result<Page> result = [&]() -> Result<Page> {
    const MutexLock lock(mutex_);
    Expire();
    return ReadLocked(from, limits);
  }();
  done(std::move(result));
}

Result<Page> MemoryLog::ReadLocked(Offset from, const ReadLimits& limits) {
  if (Status present = Present(); !present.ok()) return present;
  const Offset end = next_offset();
  if (from > end) return BeyondEnd(from, end);
  if (from < first_offset_) return Trimmed(from, first_offset_);
  Page page;
  page.first_offset = first_offset_;
  page.end = end;
  std::vector<std::shared_ptr<const Block>> blocks;
  for (Offset offset = from; offset < end && page.records.size() < limits.records_max;
       offset = offset + 1) {
    const Entry& entry = index_[offset - first_offset_];
    RecordView record = Decoder(entry.block->bytes.get() + entry.position).Get(offset);
    const std::uint64_t payload_bytes = PayloadBytes(record);
    if (page.bytes + payload_bytes > limits.bytes_max && !page.records.empty()) break;
    page.bytes += payload_bytes;
    if (blocks.empty() || blocks.back().get() != entry.block)
      blocks.push_back(entry.block->shared_from_this());
    page.records.push_back(record);
  }
  account_.CountRead(page.records.size(), page.bytes);
  if (blocks.size() == 1) {
    page.backing = std::move(blocks.front());
  } else if (!blocks.empty()) {
    page.backing =
        std::make_shared<const std::vector<std::shared_ptr<const Block>>>(std::move(blocks));
  }
  return page;
}

Offset MemoryLog::next_offset() const { return first_offset_ + index_.size(); }

Result<LogInfo> MemoryLog::InfoLocked() const {
  if (Status present = Present(); !present.ok()) return present;
  return LogInfo{id_,         created_,   first_offset_,   next_offset(),
                 held_bytes_, retention_, window_.limits()};
}

void MemoryLog::Info(InfoDone done) {
  Result<LogInfo> info = [&] {
    const MutexLock lock(mutex_);
    Expire();
    return InfoLocked();
  }();
  done(std::move(info));
}

void MemoryLog::Trim(Offset before, InfoDone done) {
  Result<LogInfo> result = [&]() -> Result<LogInfo> {
    const MutexLock lock(mutex_);
    if (Status present = Present(); !present.ok()) return present;
    if (before > next_offset()) return BeyondEnd(before, next_offset());
    while (first_offset_ < before) TrimFirst();
    return InfoLocked();
  }();
  done(std::move(result));
}

void MemoryLog::Configure(const RetentionChange& change, InfoDone done) {
  Result<LogInfo> info = [&] {
    const MutexLock lock(mutex_);
    retention_ = change.ApplyTo(retention_);
    Expire();
    return InfoLocked();
  }();
  done(std::move(info));
}

void MemoryLog::Expire() {
  if (retention_.max_bytes) {
    while (!index_.empty() && held_bytes_ > *retention_.max_bytes) TrimFirst();
  }
  if (!retention_.max_age) return;
  const std::int64_t oldest_ms = clock_.Now().milliseconds - retention_.max_age->count();
  const auto timestamp_ms = [](const Entry& entry) {
    return Decoder(entry.block->bytes.get() + entry.position).Get({}).timestamp.milliseconds;
  };
  while (!index_.empty() && timestamp_ms(index_.front()) < oldest_ms) TrimFirst();
}

void MemoryLog::TrimFirst() {
  const Entry entry = index_.front();
  const RecordView record = Decoder(entry.block->bytes.get() + entry.position).Get(first_offset_);
  const std::uint64_t cost = EncodedBytes(record) + sizeof(Entry);
  held_bytes_ -= cost;
  account_.Release(cost);
  index_.pop_front();
  first_offset_ = first_offset_ + 1;
  if (--entry.block->records == 0 && entry.block != current_) Forget(*entry.block);
}

void MemoryLog::Forget(const Block& block) {
  blocks_.erase(std::find_if(blocks_.begin(), blocks_.end(),
                             [&](const auto& each) { return each.get() == &block; }));
}

}  // namespace daybook::log
