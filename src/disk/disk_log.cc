#include "disk/disk_log.h"

#include <utility>

namespace daybook::disk {

DiskLog::DiskLog(const Parts& parts, const CatalogueEntry& entry, std::shared_ptr<StoredLog> stored)
    : parts_(parts), name_(entry.name), created_(entry.created), stored_(std::move(stored)) {
  stored_->SetRetention(entry.retention);
}

void DiskLog::Append(log::Batch batch, log::AppendOptions options, log::AppendDone done) {
  if (Status status = Exists(); !status.ok()) return done(std::move(status));
  stored_->Append(batch, std::move(options), nullptr, std::move(done));
}

void DiskLog::Read(Offset from, const log::ReadLimits& limits, log::ReadDone done) {
  if (Status status = Exists(); !status.ok()) return done(std::move(status));
  Result<log::Page> page = stored_->Read(from, limits);
  if (page.ok()) {
    parts_.reads.records.fetch_add(page->records.size(), std::memory_order_relaxed);
    parts_.reads.bytes.fetch_add(page->bytes, std::memory_order_relaxed);
  } else if (Status status = Exists(); !status.ok()) {
    return done(std::move(status));  // its files went away meanwhile
  }
  done(std::move(page));
}

void DiskLog::Info(log::InfoDone done) {
  if (Status status = Exists(); !status.ok()) return done(std::move(status));
  const SegmentSet::Extent extent = stored_->extent();
  done(log::LogInfo{id(), created_, extent.first_offset, extent.next_offset, extent.bytes,
                    stored_->retention(), parts_.options.idempotency});
}

// --- what is kept

void DiskLog::OnHousekeeper(UniqueFunction<Status()> step, log::InfoDone done) {
  UniqueFunction<void()> task = [self = shared_from_this(), step = std::move(step),
                                 done = std::move(done)]() mutable {
    Status status = self->Exists();
    if (status.ok()) status = step();
    if (!status.ok()) return done(std::move(status));
    self->Info(std::move(done));
    self->stored_->Keep();
  };
  if (!parts_.host.Post(task)) task();  // which then finds the store stopped
}

void DiskLog::Trim(Offset before, log::InfoDone done) {
  OnHousekeeper([this, before] { return stored_->TrimTo(before); }, std::move(done));
}

void DiskLog::Configure(const log::RetentionChange& change, log::InfoDone done) {
  OnHousekeeper([this, change] { return SetRetention(change); }, std::move(done));
}

Status DiskLog::SetRetention(const log::RetentionChange& change) {
  const log::Retention retention = change.ApplyTo(stored_->retention());
  if (retention == stored_->retention()) return {};
  Status status = parts_.catalogue.SetRetention(id(), retention);
  if (status.ok()) stored_->SetRetention(retention);
  return status;
}

// --- cursors

void DiskLog::GetCursor(std::string_view name, log::CursorDone done) {
  if (Status status = Exists(); !status.ok()) return done(std::move(status));
  done(parts_.catalogue.FindCursor(id(), name));
}

void DiskLog::Cursors(log::CursorsDone done) {
  if (Status status = Exists(); !status.ok()) return done(std::move(status));
  done(parts_.catalogue.Cursors(id()));
}

void DiskLog::PutCursor(std::string name, Offset offset, const log::CursorCondition& condition,
                        log::CursorPutDone done) {
  if (Status status = Exists(); !status.ok()) return done(std::move(status));
  parts_.catalogue.PutCursor(id(), {std::move(name), offset, 0}, stored_->extent().next_offset,
                             condition, std::move(done));
}

void DiskLog::DeleteCursor(std::string_view name, const log::CursorCondition& condition,
                           log::DeleteDone done) {
  if (Status status = Exists(); !status.ok()) return done(std::move(status));
  parts_.catalogue.DeleteCursor(id(), std::string(name), condition, std::move(done));
}

void DiskLog::SetDeleted() {
  deleted_ = true;
  stored_->Abandon(Exists());
  watches().Tell();
}

}  // namespace daybook::disk
