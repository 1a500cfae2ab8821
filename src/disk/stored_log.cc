#include "disk/stored_log.h"

#include <chrono>
#include <utility>

#include "base/check.h"
#include "disk/append_body.h"
#include "log/refusals.h"

namespace daybook::disk {

Result<std::shared_ptr<StoredLog>> StoredLog::Open(LogHost& host, const LogAppender::Shared& shared,
                                                   const DiskLogOptions& options,
                                                   const std::string& folder,
                                                   const RecoveryOptions& recovery) {
  Result<RecoveredLog> recovered = RecoverLog(shared.files, folder, recovery);
  if (!recovered.ok()) return recovered.status();
  return Serve(host, shared, options, folder, std::move(*recovered));
}

Result<std::shared_ptr<StoredLog>> StoredLog::Serve(LogHost& host,
                                                    const LogAppender::Shared& shared,
                                                    const DiskLogOptions& options,
                                                    const std::string& folder,
                                                    RecoveredLog recovered) {
  const std::shared_ptr<StoredLog> log(new StoredLog(host, shared, options, folder));
  if (Status status = log->Start(std::move(recovered)); !status.ok()) return status;
  return log;
}

Status StoredLog::Start(RecoveredLog recovered) {
  id_ = recovered.meta.log;
  recovery_ = recovered.report;
  keeper_ = std::make_unique<LogKeeper>(shared_.files, shared_.clock, segments_,
                                        static_cast<LogKeeper::Target&>(*this), folder_, id_,
                                        options_.segment_bytes_max);
  if (options_.snapshot) keeper_->KeepLastOnly();
  appender_ = std::make_unique<LogAppender>(
      shared_, options_, static_cast<LogAppender::Target&>(*this), segments_, folder_);
  if (Status status = appender_->Open(recovered); !status.ok()) return status;
  segments_.Reset(recovered.meta.first_offset, std::move(recovered.segments));
  if (!appender_->is_unmarked()) return {};
  // Nothing has come before of whose durability a mark tells.
  UniqueFunction<void()> watch = [self = shared_from_this()] {
    self->host_.group_commit().Watch({self, self->appender_.get()});
  };
  (void)host_.committer().Run(watch);
  return {};
}

void StoredLog::Append(const log::Batch& batch, log::AppendOptions options,
                       std::function<Status(Offset)> admit, log::AppendDone done) {
  CHECK(!batch.empty(), "an append of no records");
  std::optional<EncodedAppend> frame = EncodeAppend(batch, options.idempotency_key);
  if (!frame) return done(Status(StatusCode::kTooLarge, "the batch is larger than a frame can be"));
  PendingAppend append;
  append.to = {shared_from_this(), appender_.get()};
  append.frame = std::move(*frame);
  append.options = std::move(options);
  append.admit = std::move(admit);
  for (const log::NewRecord& record : batch) append.payload_bytes += log::PayloadBytes(record);
  append.since = std::chrono::steady_clock::now();
  append.done = std::move(done);
  if (Status status = shared_.failure.Serving(); !status.ok())
    return append.done(std::move(status));
  Committer& committer = host_.committer();
  if (committer.Enqueue(append)) return;
  append.done(committer.stopped() ? log::Stopping()
                                  : Status(StatusCode::kUnavailable,
                                           "as many appends as may are waiting for the disk"));
}

Result<log::Page> StoredLog::Read(Offset from, const log::ReadLimits& limits) const {
  return segments_.Read(from, limits);
}

void StoredLog::OnSegment() {
  if (keeper_->keeps_all()) return;
  UniqueFunction<void()> keep = [self = shared_from_this()] { self->Keep(); };
  (void)host_.Post(keep);
}

Status StoredLog::EndActive() {
  Status ended = log::Stopping();
  (void)host_.committer().RunAndWait([&] {
    ended = appender_->EndActive();
    appender_->Release();
  });
  return ended;
}

Status StoredLog::Serving() const {
  if (abandoned_) return {StatusCode::kUnavailable, "the log is no more"};
  if (host_.committer().stopped()) return log::Stopping();
  return shared_.failure.Serving();
}

void StoredLog::Abandon(const Status& why) {
  abandoned_ = true;
  const auto abandon = [&] {
    appender_->Abandon(why);
    host_.group_commit().Forget(*appender_);
  };
  if (!host_.committer().RunAndWait(abandon)) abandon();
}

std::vector<LogSegment> StoredLog::SealedSegments() const {
  std::vector<LogSegment> sealed = segments_.segments();
  sealed.pop_back();
  return sealed;
}

}  // namespace daybook::disk
