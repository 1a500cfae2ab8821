#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "api/names.h"
#include "api/record_json.h"
#include "app/line_reader.h"
#include "app/tool_output.h"
#include "app/tools.h"
#include "base/logging.h"
#include "base/mutex.h"
#include "base/posix_error.h"
#include "disk/disk_store.h"
#include "log/find_and_wait.h"

namespace daybook::app {
namespace {

constexpr std::size_t kBatchRecordsMax = 1'000;
constexpr std::uint64_t kBatchBytesMax = 8 << 20;
// With a value in base64 and all that may stand beside it.
constexpr std::uint64_t kLineBytesMin = 16 << 20;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using OpenFile = std::unique_ptr<std::FILE, CloseFile>;

// The data folder's engine, once it serves.
class Store {
 public:
  static Result<std::unique_ptr<Store>> Open(const std::string& folder) {
    auto store = std::make_unique<Store>();
    const config::Config config;
    disk::DiskLogOptions options;
    options.segment_bytes_max = config.segment_size;
    options.reserve_bytes = config.disk_reserve;
    auto opened = disk::DiskLogStore::Open(
        FileSystem::Posix(), Clock::System(), folder, options,
        [failures = store.get()](const Status& status) { failures->Note(status); });
    if (!opened.ok()) return opened.status();
    store->store_ = std::move(*opened);
    store->store_->AwaitRecovery();
    if (Status status = store->failure(); !status.ok()) return status;
    return store;
  }

  Result<std::shared_ptr<log::Log>> Find(const std::string& name) {
    return log::FindAndWait(*store_, name);
  }

  // The log of that name, which is made if it is not there.
  Result<std::shared_ptr<log::Log>> Make(const std::string& name) {
    std::promise<Result<log::Created>> made;
    store_->Create(name, {},
                   [&](Result<log::Created> answer) { made.set_value(std::move(answer)); });
    Result<log::Created> created = made.get_future().get();
    if (!created.ok()) return created.status();
    return std::move(created->log);
  }

  Status failure() {
    const MutexLock lock(mutex_);
    return failure_;
  }

 private:
  void Note(const Status& status) {
    const MutexLock lock(mutex_);
    if (failure_.ok()) failure_ = status;
  }

  Mutex mutex_;
  Status failure_ GUARDED_BY(mutex_);
  std::unique_ptr<disk::DiskLogStore> store_;  // ends before what it calls
};

// Appends lines to a log, in batches.
class Importer {
 public:
  Importer(log::Log& log, LineReader& lines, std::uint64_t value_bytes_max)
      : log_(log), lines_(lines) {
    limits_.value_bytes_max = value_bytes_max;
  }

  // The lines before the first bad one are appended also where there is one.
  Status Run() {
    Status status = TakeLines();
    if (Status appended = AppendBatch(); !appended.ok()) return appended;
    return status;
  }

  std::uint64_t records() const { return records_; }

  // Says what was appended.
  void Tell() {
    progress_.Clear();
    std::printf("records appended: %" PRIu64, records_);
    if (records_ > 0)
      std::printf(", offsets %" PRIu64 " to %" PRIu64, first_offset_.value, last_offset_.value);
    std::puts("");
  }

 private:
  Status TakeLines() {
    for (;;) {
      const auto line = lines_.Next();
      if (!line.ok()) return InLine(line.status());
      if (!*line) return {};
      if ((*line)->find_first_not_of(" \t\r") == std::string_view::npos) continue;
      Result<log::NewRecord> record = api::ParseRecord(**line, api::ReadMembers::kIgnored, limits_);
      if (!record.ok()) return InLine(record.status());
      batch_bytes_ += log::PayloadBytes(*record);
      batch_.push_back(std::move(*record));
      if (batch_.size() < kBatchRecordsMax && batch_bytes_ < kBatchBytesMax) continue;
      if (Status status = AppendBatch(); !status.ok()) return status;
    }
  }

  Status InLine(const Status& status) const {
    return {StatusCode::kIo, "line " + std::to_string(lines_.number()) + ": " + status.message()};
  }

  Status AppendBatch() {
    if (batch_.empty()) return {};
    const std::size_t count = batch_.size();
    std::promise<Result<log::Appended>> done;
    log_.Append(std::exchange(batch_, {}),
                [&](Result<log::Appended> appended) { done.set_value(std::move(appended)); });
    batch_bytes_ = 0;
    const Result<log::Appended> appended = done.get_future().get();
    if (!appended.ok()) return appended.status();
    if (records_ == 0) first_offset_ = appended->first_offset;
    records_ += count;
    last_offset_ = Offset(appended->next_offset.value - 1);
    progress_.Show([&] { return "imported " + std::to_string(records_) + " records"; });
    return {};
  }

  log::Log& log_;
  LineReader& lines_;
  api::RecordLimits limits_;
  log::Batch batch_;
  std::uint64_t batch_bytes_ = 0;
  std::uint64_t records_ = 0;
  Offset first_offset_;  // of what was appended
  Offset last_offset_;
  Progress progress_;
};

Status ImportLines(const config::ImportOptions& options, std::FILE* file) {
  if (options.create && !api::IsName(options.log)) {
    return {StatusCode::kInvalidArgument, "--log: a log's name is " + std::string(api::kNameRule)};
  }
  Result<std::unique_ptr<Store>> store = Store::Open(options.data_dir);
  if (!store.ok()) return store.status();
  const Result<std::shared_ptr<log::Log>> log =
      options.create ? (*store)->Make(options.log) : (*store)->Find(options.log);
  if (log.status().code() == StatusCode::kNotFound) {
    return {StatusCode::kNotFound,
            options.data_dir + " has no log that is named " + options.log + "; --create makes it"};
  }
  if (!log.ok()) return log.status();
  LineReader lines(file, std::max(kLineBytesMin, 2 * options.max_record_value));
  Importer importer(**log, lines, options.max_record_value);
  Status status = importer.Run();
  importer.Tell();
  if (status.ok()) return status;
  return {status.code(), status.message() + "; " + std::to_string(importer.records()) +
                             " records before it were appended"};
}

}  // namespace

int Import(const config::ImportOptions& options) {
  logging::SetLevel(logging::Level::kWarn);
  if (options.file.empty() || options.file == "-")
    return ExitCodeOf("import", ImportLines(options, stdin));
  const OpenFile file(std::fopen(options.file.c_str(), "re"));
  if (!file) return ExitCodeOf("import", PosixError("cannot open " + options.file, errno));
  return ExitCodeOf("import", ImportLines(options, file.get()));
}

}  // namespace daybook::app
