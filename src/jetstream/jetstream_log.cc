#include "jetstream/jetstream_log.h"

#include <algorithm>
#include <future>
#include <utility>

#include "base/logging.h"
#include "jetstream/append_operation.h"
#include "jetstream/contention.h"
#include "jetstream/read_operation.h"
#include "jetstream/stream_settings.h"

namespace daybook::jetstream {
namespace {

using log::LogInfo;

// Atomic batches that may be open at one time: NATS takes 50 a stream, of all daybooks.
constexpr std::uint64_t kOpenBatchesMax = 8;
constexpr std::uint64_t kWaitingBatchesMax = 10'000;
// Until a message is asked for that the leader has not told of.
constexpr std::chrono::milliseconds kNoticeTime{50};
constexpr int kEndedBeforeBelieved = 5;
// A notice may be lost; so a log that is watched and has not moved for so long is looked at.
constexpr std::chrono::milliseconds kWatchInterval{5'000};
// Behind the idempotency window, until what was trimmed is let go.
constexpr std::chrono::milliseconds kReclaimMargin{60'000};

// Returns whether it was lower.
bool RaiseTo(std::atomic<std::uint64_t>& value, std::uint64_t at_least) {
  std::uint64_t now = value;
  while (now < at_least) {
    if (value.compare_exchange_weak(now, at_least)) return true;
  }
  return false;
}

Stored StoredOf(const StoredMessage& message) {
  const std::optional<std::string> batch_sequence = message.Header(kBatchSequenceHeader);
  return {message.time,
          InsideBatch(batch_sequence, message.Header(kBatchCommitHeader).has_value())};
}

}  // namespace

JetStreamLog::JetStreamLog(EngineParts& parts, std::string name, const LogEntry& entry)
    : parts_(parts),
      name_(std::move(name)),
      id_(entry.id),
      created_(entry.created),
      stream_(parts.names.Stream(name_, id_)),
      subject_(parts.names.Records(id_)),
      batches_(kOpenBatchesMax, UINT64_MAX, kWaitingBatchesMax),
      watches_([this] { KeepWatch(); }) {
  NoteEntry(entry);
}

void JetStreamLog::Append(log::Batch batch, log::AppendOptions options, log::AppendDone done) {
  CHECK(!batch.empty(), "an append of no records");
  AppendOperation::Start(shared_from_this(), std::move(batch), std::move(options), std::move(done));
}

void JetStreamLog::Read(Offset from, const log::ReadLimits& limits, log::ReadDone done) {
  ReadOperation::Start(shared_from_this(), from, limits, std::move(done));
}

// On a thread that may wait.
void JetStreamLog::Run(Workers::Task task) {
  parts_.workers.Run([self = shared_from_this(), under_way = parts_.operations.Begin(),
                      task = std::move(task)]() mutable { task(); });
}

void JetStreamLog::Info(log::InfoDone done) {
  Run([this, done = std::move(done)]() mutable { done(InfoNow()); });
}

void JetStreamLog::Trim(Offset before, log::InfoDone done) {
  Run([this, before, done = std::move(done)]() mutable { done(TrimNow(before)); });
}

void JetStreamLog::Configure(const log::RetentionChange& change, log::InfoDone done) {
  Run([this, change, done = std::move(done)]() mutable { done(ConfigureNow(change)); });
}

// What is under way is not answered any more.
void JetStreamLog::NoteDeleted() {
  deleted_ = true;
  parts_.connection.Hurry(this);
  watches_.Tell();
}

Status JetStreamLog::Present() const { return deleted_ ? log::LogDeleted(name_) : Status(); }

void JetStreamLog::NoteEnd(Offset end) {
  if (RaiseTo(end_, end.value)) watches_.Tell();
}

void JetStreamLog::KeepWatch() {
  if (keeps_watch_.exchange(true)) return;
  parts_.timers.RunAfter(kWatchInterval, [self = shared_from_this()] { self->LookWhileWatched(); });
}

void JetStreamLog::LookWhileWatched() {
  keeps_watch_ = false;
  if (parts_.closed || watches_.empty()) return;
  const std::uint64_t end = end_;
  const bool has_moved = end_when_looked_.exchange(end) != end;
  if (!has_moved) AskExtent([](const Result<Extent>&) {});  // which notes what it finds
  KeepWatch();
}

void JetStreamLog::NoteStored(std::uint64_t sequence, const Stored& stored) {
  if (stored.inside_batch == 0) NoteEnd(Offset(sequence));
  notices_.Note(sequence, stored);
}

void JetStreamLog::NoteEntry(const LogEntry& entry) {
  RaiseTo(first_offset_, entry.first_offset.value);
  if (entry.revision < revision_) return;
  RaiseTo(revision_, entry.revision);
  window_ms_ = IdempotencyWindow(parts_.options, entry.retention).count();
}

Status JetStreamLog::Fit() const {
  const MutexLock lock(mutex_);
  if (weakness_.empty()) return {};
  return {StatusCode::kUnavailable,
          "appends are refused, for they would not be as durable as is promised: " + weakness_};
}

void JetStreamLog::NoteStream(const StreamInfo& info) {
  if (info.first_sequence > 0) RaiseTo(first_offset_, info.first_sequence - 1);
  std::uint64_t lag = 0;
  for (const Replica& replica : info.followers) lag = std::max(lag, replica.lag);
  parts_.counters.NoteLag(lag);
  replicas_ = info.replicas;
  std::string weakness = parts_.weakness_of(info);
  const MutexLock lock(mutex_);
  weakness_ = std::move(weakness);
  checked_ = true;
}

void JetStreamLog::AskExtent(ExtentDone done) {
  {
    const MutexLock lock(mutex_);
    waiting_.push_back(std::move(done));
    if (asking_) return;
    asking_ = true;
  }
  AskStream();
}

void JetStreamLog::AskStream() {
  {
    const MutexLock lock(mutex_);
    asked_ = std::move(waiting_);
    waiting_.clear();
  }
  const Offset known_end = end();
  parts_.api.Info(stream_, [self = shared_from_this(), known_end](const Result<StreamInfo>& info) {
    self->OnStream(info, known_end);
  });
}

// `known_end`: when it was asked.
void JetStreamLog::OnStream(const Result<StreamInfo>& info, Offset known_end) {
  if (!info.ok()) {
    // It was made before anybody knew of it, so that it was deleted.
    if (info.status().code() == StatusCode::kLogDeleted) NoteDeleted();
    const Status present = Present();
    return GiveExtent(present.ok() ? info.status() : present);
  }
  NoteStream(*info);
  const std::uint64_t last = info->last_sequence;
  if (Offset(last) < known_end) return GiveExtent(EndedBefore(last));
  ended_before_ = 0;
  const auto give = [self = shared_from_this(),
                     stream = std::make_shared<const StreamInfo>(*info)] {
    self->GiveExtent(Extent{self->first_offset(), self->end(), stream});
  };
  // The leader may be storing a batch, of which its state has a part already: nobody was told of
  // that yet, and the log still ends before it.
  if (last <= end_) return give();
  AskStored(last, [self = shared_from_this(), last, give](const Result<Stored>& stored) {
    const bool gone = stored.status().code() == StatusCode::kNotFound;
    if (!stored.ok() && !gone) return self->GiveExtent(stored.status());
    self->NoteEnd(Offset(last - (gone ? 0 : stored->inside_batch)));
    give();
  });
}

// Who led before may say so for a moment; else what was acknowledged is lost.
Status JetStreamLog::EndedBefore(std::uint64_t last_sequence) {
  const std::string detail = "the stream " + stream_ + " ends at offset " +
                             std::to_string(last_sequence) + ", before " + std::to_string(end_) +
                             ", where records were acknowledged";
  if (++ended_before_ < kEndedBeforeBelieved) return {StatusCode::kUnavailable, detail};
  parts_.counters.CountMissing();
  logging::Error("acknowledged records are missing", {{"detail", detail}});
  return {StatusCode::kMissing, detail};
}

void JetStreamLog::GiveExtent(const Result<Extent>& extent) {
  std::vector<ExtentDone> asked;
  bool again = false;
  {
    const MutexLock lock(mutex_);
    asked.swap(asked_);
    again = !waiting_.empty();
    asking_ = again;
  }
  for (ExtentDone& done : asked) done(extent);
  if (again) AskStream();
}

void JetStreamLog::AskStored(std::uint64_t sequence, StoredNotices::Done done) {
  if (notices_.Await(sequence, std::move(done))) return;
  parts_.timers.RunAfter(kNoticeTime, [self = shared_from_this(), sequence] {
    std::vector<StoredNotices::Done> waiting = self->notices_.Take(sequence);
    if (waiting.empty()) return;
    self->parts_.api.Get(
        self->stream_, sequence,
        [waiting = std::move(waiting)](const Result<StoredMessage>& message) mutable {
          const Result<Stored> stored =
              message.ok() ? StoredOf(*message) : Result<Stored>(message.status());
          for (StoredNotices::Done& each : waiting) each(stored);
        });
  });
}

Result<JetStreamLog::Extent> JetStreamLog::ExtentNow() {
  const auto deadline = Connection::Clock::now() + kAskTimeout;
  for (int tries = 0;; WaitForOthers(++tries)) {
    if (Status present = Present(); !present.ok()) return present;
    std::promise<Result<Extent>> promise;
    AskExtent([&](const Result<Extent>& extent) { promise.set_value(extent); });
    Result<Extent> extent = promise.get_future().get();
    const bool for_now = extent.status().code() == StatusCode::kUnavailable;
    if (!for_now || parts_.closed || Connection::Clock::now() > deadline) return extent;
  }
}

Result<LogEntry> JetStreamLog::EntryNow() {
  if (Status present = Present(); !present.ok()) return present;
  const Result<Named> named = parts_.catalogue.Find(name_);
  if (!named.ok()) return named.status();
  if (!named->entry || named->entry->id != id_) {
    NoteDeleted();
    return log::LogDeleted(name_);
  }
  NoteEntry(*named->entry);
  return *named->entry;
}

LogInfo JetStreamLog::Describe(const LogEntry& entry, const Extent& extent) {
  LogInfo described{id_,
                    created_,
                    std::max(extent.first_offset, entry.first_offset),
                    extent.end,
                    extent.stream->bytes,
                    entry.retention,
                    {}};
  described.idempotency.window = extent.stream->duplicate_window;
  return described;
}

Result<LogInfo> JetStreamLog::InfoNow() {
  const Result<LogEntry> entry = EntryNow();
  if (!entry.ok()) return entry.status();
  const Result<Extent> extent = ExtentNow();
  if (!extent.ok()) return extent.status();
  return Describe(*entry, *extent);
}

// Changes the log's entry in the catalogue, however many change it.
Result<LogEntry> JetStreamLog::Change(const std::function<void(LogEntry&)>& change) {
  for (int tries = 0; tries < kChangeTries; WaitForOthers(++tries)) {
    Result<LogEntry> entry = EntryNow();
    if (!entry.ok()) return entry.status();
    const std::string before = entry->ToText();
    change(*entry);
    if (entry->ToText() == before) return entry;
    const Result<std::uint64_t> put = parts_.catalogue.Put(name_, *entry, entry->revision);
    if (put.ok()) {
      entry->revision = *put;
      NoteEntry(*entry);
      return entry;
    }
    if (put.status().code() != StatusCode::kConditionFailed) return put.status();
  }
  return Contended("the log '" + name_ + "'");
}

Result<LogInfo> JetStreamLog::TrimNow(Offset before) {
  const Result<Extent> extent = ExtentNow();
  if (!extent.ok()) return extent.status();
  if (before > extent->end) return log::BeyondEnd(before, extent->end);
  const Result<LogEntry> entry = Change(
      [&](LogEntry& changed) { changed.first_offset = std::max(changed.first_offset, before); });
  if (!entry.ok()) return entry.status();
  return Describe(*entry, *extent);
}

Result<LogInfo> JetStreamLog::ConfigureNow(const log::RetentionChange& change) {
  Result<Extent> extent = ExtentNow();
  if (!extent.ok()) return extent.status();
  StreamInfo stream = *extent->stream;
  Result<LogEntry> entry =
      Change([&](LogEntry& changed) { changed.retention = change.ApplyTo(changed.retention); });
  // Who changed it last has the stream be as it says; others may have changed it meanwhile.
  for (int tries = 0; entry.ok() && tries < kChangeTries; WaitForOthers(++tries)) {
    const log::Retention retention = StreamRetention(entry->retention);
    if (stream.retention == retention) return Describe(*entry, *extent);
    Result<StreamInfo> updated = parts_.api.UpdateAndWait(
        stream_,
        UpdateText(stream.config, retention, IdempotencyWindow(parts_.options, retention)));
    // The catalogue has it, and the next change, or look, has the stream follow.
    if (!updated.ok()) return Status(StatusCode::kUnknownOutcome, updated.status().message());
    stream = *std::move(updated);
    entry = EntryNow();
  }
  if (!entry.ok()) return entry.status();
  return Status(StatusCode::kUnknownOutcome,
                "the retention of '" + name_ + "' is changed by too many at once");
}

// A retry is told by what is stored, also on a server that took over the stream meanwhile, so what
// was trimmed stays for as long as the idempotency window is.
void JetStreamLog::Reclaim() {
  if (!Present().ok() || first_offset() == Offset(0)) return;
  const Result<Extent> extent = ExtentNow();
  if (!extent.ok() || extent->stream->first_sequence > first_offset().value) return;
  const StreamInfo& stream = *extent->stream;
  const Timestamp since(Clock::System().Now().milliseconds - stream.duplicate_window.count() -
                        kReclaimMargin.count());
  std::uint64_t before = first_offset().value + 1;
  const Result<StoredMessage> kept = parts_.api.GetFromAndWait(stream_, since);
  if (kept.ok()) {
    before = std::min(before, kept->sequence);
  } else if (kept.status().code() != StatusCode::kNotFound || stream.last_time >= since) {
    return;
  }
  if (before > stream.first_sequence) (void)parts_.api.PurgeBeforeAndWait(stream_, before);
}

}  // namespace daybook::jetstream
