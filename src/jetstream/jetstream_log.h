// JetStreamLog is a log that is a stream of NATS, which other daybooks append to and trim as well.
//
// A record's offset is the sequence of its message less one. Appends and reads wait for no thread;
// everything else is done by the store's Workers. What the log knows of the stream only ever lags
// behind, so that every answer which says that something is not there, and every end, is asked of
// the stream's leader. Made by JetStreamStore, which outlives it. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "jetstream/catalogue.h"
#include "jetstream/engine_parts.h"
#include "jetstream/stored_notices.h"
#include "log/log.h"

namespace daybook::jetstream {

class JetStreamLog : public log::Log, public std::enable_shared_from_this<JetStreamLog> {
 public:
  // Where the log begins and ends, and its stream, as the leader says.
  struct Extent {
    Offset first_offset;
    Offset end;
    std::shared_ptr<const StreamInfo> stream;
  };
  using ExtentDone = UniqueFunction<void(const Result<Extent>&)>;

  JetStreamLog(EngineParts& parts, std::string name, const LogEntry& entry);

  const std::string& name() const override { return name_; }
  const log::LogId& id() const override { return id_; }

  using Log::Append;
  void Append(log::Batch batch, log::AppendOptions options, log::AppendDone done) override;
  void Read(Offset from, const log::ReadLimits& limits, log::ReadDone done) override;
  void Info(log::InfoDone done) override;
  log::WatchList& watches() override { return watches_; }
  void Trim(Offset before, log::InfoDone done) override;
  void Configure(const log::RetentionChange& change, log::InfoDone done) override;
  void GetCursor(std::string_view name, log::CursorDone done) override;
  void Cursors(log::CursorsDone done) override;
  void PutCursor(std::string name, Offset offset, const log::CursorCondition& condition,
                 log::CursorPutDone done) override;
  void DeleteCursor(std::string_view name, const log::CursorCondition& condition,
                    log::DeleteDone done) override;

  // For what appends to it and reads it.
  EngineParts& parts() { return parts_; }
  const std::string& stream() const { return stream_; }
  const std::string& subject() const { return subject_; }
  PublishWindow& batches() { return batches_; }

  // kLogDeleted, where that is known.
  Status Present() const;
  void NoteDeleted();
  // Whether its stream promises what it must, which is not known before the leader was asked.
  // kUnavailable says why not.
  bool is_checked() const { return checked_; }
  Status Fit() const;
  // Where it is known to begin and to end at least.
  Offset first_offset() const { return Offset(first_offset_); }
  Offset end() const { return Offset(end_); }
  void NoteEnd(Offset end);  // a batch ends there
  void NoteStored(std::uint64_t sequence, const Stored& stored);
  void NoteEntry(const LogEntry& entry);
  // Of the newest entry that is known: which one of several is newer.
  std::uint64_t revision() const { return revision_; }
  // For how long NATS remembers message ids at least.
  std::chrono::milliseconds idempotency_window() const {
    return std::chrono::milliseconds(window_ms_);
  }
  // Whether the stream is on one server alone, without a group that agrees on its messages.
  bool has_one_replica() const { return replicas_ == 1; }

  // Asks the leader, once for all who ask meanwhile. kLogDeleted, kUnavailable. kMissing: the log
  // ends before a record that was acknowledged.
  void AskExtent(ExtentDone done);
  // What the leader told of a message when it was stored, or says when it is asked.
  void AskStored(std::uint64_t sequence, StoredNotices::Done done);

  // Gives back the space of what was trimmed, as far as no retry needs it. Waits for NATS.
  void Reclaim();

 private:
  void Run(Workers::Task task);
  Result<log::LogInfo> InfoNow();
  Result<log::LogInfo> TrimNow(Offset before);
  Result<log::LogInfo> ConfigureNow(const log::RetentionChange& change);
  Result<log::CursorPut> PutCursorNow(const std::string& name, Offset offset,
                                      const log::CursorCondition& condition);
  Status DeleteCursorNow(const std::string& name, const log::CursorCondition& condition);
  // Kept up to date by the catalogue's notices. kLogDeleted.
  Result<LogEntry> EntryNow();
  Result<LogEntry> Change(const std::function<void(LogEntry&)>& change);
  Result<Extent> ExtentNow();
  log::LogInfo Describe(const LogEntry& entry, const Extent& extent);
  void KeepWatch();
  void LookWhileWatched();
  void AskStream();
  void OnStream(const Result<StreamInfo>& info, Offset known_end);
  void NoteStream(const StreamInfo& info);
  Status EndedBefore(std::uint64_t last_sequence);
  void GiveExtent(const Result<Extent>& extent);

  EngineParts& parts_;
  const std::string name_;
  const log::LogId id_;
  const Timestamp created_;
  const std::string stream_;
  const std::string subject_;
  PublishWindow batches_;
  StoredNotices notices_;
  log::WatchList watches_;
  std::atomic<bool> keeps_watch_{false};
  std::atomic<std::uint64_t> end_when_looked_{0};
  std::atomic<bool> deleted_{false};
  std::atomic<std::uint64_t> first_offset_{0};
  std::atomic<std::uint64_t> end_{0};
  std::atomic<std::uint64_t> revision_{0};
  std::atomic<std::int64_t> window_ms_{0};
  std::atomic<std::uint64_t> replicas_{0};
  std::atomic<bool> checked_{false};
  std::atomic<int> ended_before_{0};  // times in a row that the leader said so

  mutable Mutex mutex_;
  std::string weakness_ GUARDED_BY(mutex_);  // "": it promises what it must
  bool asking_ GUARDED_BY(mutex_) = false;
  std::vector<ExtentDone> asked_ GUARDED_BY(mutex_);    // by the request that is under way
  std::vector<ExtentDone> waiting_ GUARDED_BY(mutex_);  // for the next one
};

}  // namespace daybook::jetstream
