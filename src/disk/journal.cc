#include "disk/journal.h"

#include <utility>

#include "disk/journal_replay.h"

namespace daybook::disk {

Journal::Journal(FileSystem& files, const Clock& clock, FailureLatch& failure,
                 std::string data_folder, const DiskLogOptions& options)
    : files_(files),
      clock_(clock),
      failure_(failure),
      data_folder_(std::move(data_folder)),
      options_(options) {}

bool Journal::Takes(const JournalGroup::Size& group) {
  if (group.parts < 2 || group.bytes > group.parts * kPartBytesMax ||
      group.bytes > options_.journal_bytes / 4) {
    return false;
  }
  if (current_ != nullptr && current_->HasRoomFor(group.bytes)) return true;
  const MutexLock lock(mutex_);
  Retire();
  const bool waits = group.parts > kPartsWithoutWait;
  while (waits && spare_ == nullptr && (replaying_ || !retired_.empty())) changed_.Wait(mutex_);
  current_ = std::move(spare_);
  Want();  // so that the next one is there when this is full
  return current_ != nullptr;
}

Status Journal::Append(JournalGroup group) {
  Status status = current_->Append(std::move(group), clock_.Now());
  if (!status.ok()) failure_.Set(status);
  return status;
}

void Journal::OnIdle() {
  if (current_ == nullptr || current_->empty()) return;
  const MutexLock lock(mutex_);
  Retire();
}

void Journal::Close() {
  {
    // At once: what is retired here is replayed as part of the stop.
    const MutexLock lock(mutex_);
    Retire();
    stopping_ = true;
  }
  Stop();
}

void Journal::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void Journal::Retire() {
  if (current_ == nullptr) return;
  retired_.push_back(std::move(current_));
  changed_.NotifyAll();
}

void Journal::Want() {
  wanted_ = true;
  changed_.NotifyAll();
  if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
}

void Journal::Run() {
  const MutexLock lock(mutex_);
  for (;;) {
    if (!retired_.empty()) {
      Replay();
    } else if (stopping_) {
      // What is left of a store that failed stays for the next start.
      if (spare_ != nullptr && !failure_.failed()) (void)spare_->Remove();
      return;
    } else if (wanted_) {
      Make();
    } else {
      changed_.Wait(mutex_);
    }
  }
}

void Journal::Replay() {
  std::unique_ptr<JournalFile> file = std::move(retired_.front());
  retired_.pop_front();
  const Offset number(next_number_++);
  const bool renew = !stopping_ && spare_ == nullptr;
  // While appends come they might wait for what others write there, too.
  const std::size_t whole_sync_from = stopping_ ? options_.whole_sync_from : SIZE_MAX;
  replaying_ = true;
  mutex_.Unlock();
  Status status = failure_.Serving();
  if (status.ok()) {
    // There was room for every frame: a disk that is full only now is no less a failure.
    status = ReplayJournal(files_, data_folder_, file->path(), whole_sync_from).status();
    if (!status.ok()) failure_.Set(status);
  }
  if (status.ok()) {
    status = renew ? file->Renew(number, clock_.Now()) : file->Remove();
    if (!status.ok() && status.code() != StatusCode::kNoSpace) failure_.Set(status);
  }
  if (!status.ok() || !renew) file.reset();
  mutex_.Lock();
  replaying_ = false;
  if (file != nullptr) spare_ = std::move(file);
  wanted_ = wanted_ && spare_ == nullptr;
  changed_.NotifyAll();
}

void Journal::Make() {
  wanted_ = false;
  const Offset number(next_number_++);
  mutex_.Unlock();
  std::unique_ptr<JournalFile> file = MakeFile(number);
  mutex_.Lock();
  if (file != nullptr) spare_ = std::move(file);
  wanted_ = wanted_ && spare_ == nullptr;  // somebody asked again meanwhile
  changed_.NotifyAll();
}

// Null: there is no room. Then segments are synced one by one.
std::unique_ptr<JournalFile> Journal::MakeFile(Offset number) {
  const Result<std::uint64_t> free_bytes = files_.FreeBytes(data_folder_);
  if (!free_bytes.ok() || *free_bytes < options_.reserve_bytes + options_.journal_bytes)
    return nullptr;
  Result<std::unique_ptr<JournalFile>> file = JournalFile::Create(
      files_, data_folder_, catalogue_, number, options_.journal_bytes, clock_.Now());
  if (file.ok()) return std::move(*file);
  if (file.status().code() != StatusCode::kNoSpace) failure_.Set(file.status());
  return nullptr;
}

}  // namespace daybook::disk
