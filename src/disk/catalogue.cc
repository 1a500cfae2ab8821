#include "disk/catalogue.h"

#include <future>
#include <utility>

namespace daybook::disk {
namespace {

constexpr std::uint64_t kSegmentBytesMax = 1 << 20;

}  // namespace

Catalogue::Catalogue(FileSystem& files, const Clock& clock, LogHost& host)
    : log_(files, clock, Options(), host) {}

// On a full disk too it can be written, for that may be what makes room.
DiskLogOptions Catalogue::Options() {
  DiskLogOptions options;
  options.idempotency.keys_max = 0;
  options.segment_bytes_max = kSegmentBytesMax;
  options.snapshot = [this] {
    const MutexLock lock(mutex_);
    return state_.Snapshot();
  };
  return options;
}

Status Catalogue::Open(const std::string& folder) {
  if (Status status = log_.Open(folder, {}, {}); !status.ok()) return status;
  Status status;
  const auto apply = [&](const Result<log::Page>& page) {
    status = page.status();
    if (!page.ok()) return;
    const MutexLock lock(mutex_);
    for (const log::RecordView& record : page->records) {
      if (status.ok()) status = state_.Apply(record);
    }
    if (!status.ok()) status = {StatusCode::kDamaged, folder + ": " + status.message()};
  };
  log_.Info([&](const Result<log::LogInfo>& info) {
    log_.Read(info->first_offset, {UINT64_MAX, UINT64_MAX}, apply);
  });
  return status;
}

std::vector<CatalogueEntry> Catalogue::entries() const {
  const MutexLock lock(mutex_);
  return state_.entries();
}

Status Catalogue::SetRetention(const log::LogId& id, const log::Retention& retention) {
  const log::NewRecord record = SettingsOf(id, retention);
  std::promise<Status> written;
  log_.Append({record}, [&](const Result<log::Appended>& appended) {
    if (appended.ok()) {
      // Before anything later can begin a segment.
      const MutexLock lock(mutex_);
      (void)state_.Apply(
          {appended->first_offset, appended->timestamp, record.key, {}, record.value});
    }
    written.set_value(appended.status());
  });
  return written.get_future().get();
}

}  // namespace daybook::disk
