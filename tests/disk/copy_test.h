// CopyTest has a data folder with several segments, for tests of copies of it.
#pragma once

#include <future>
#include <map>
#include <string>
#include <vector>

#include "disk/log_folder_test.h"
#include "support/find_log.h"

namespace daybook::disk {

// The values of the log `default` in a data folder, as an engine serves them; an error where none
// does. What is appended then is `more`.
inline Result<std::vector<std::string>> Served(FileSystem& files, const std::string& folder,
                                               const std::vector<std::string>& more = {}) {
  Status failure;
  auto store = DiskLogStore::Open(files, Clock::System(), folder, {},
                                  [&](const Status& status) { failure = status; });
  if (!store.ok()) return store.status();
  (*store)->AwaitRecovery();
  if (!failure.ok()) return failure;
  log::Log& log = *test::FindLog(**store);
  Result<std::vector<std::string>> values = std::vector<std::string>();
  log.Read(Offset(0), {UINT64_MAX, UINT64_MAX}, [&](const Result<log::Page>& page) {
    if (!page.ok()) {
      values = page.status();
      return;
    }
    for (const log::RecordView& record : page->records) values->emplace_back(record.value);
  });
  for (const std::string& value : more) {
    log::Batch batch(1);
    batch.front().value = value;
    std::promise<bool> done;
    log.Append(std::move(batch),
               [&](const Result<log::Appended>& appended) { done.set_value(appended.ok()); });
    EXPECT_TRUE(done.get_future().get());
  }
  return values;
}

class CopyTest : public LogFolderTest {
 protected:
  static constexpr std::uint64_t kSegmentBytesMax = 8 << 10;

  CopyTest() { Write(values_, kSegmentBytesMax); }

  void WriteMore(const std::vector<std::string>& values) {
    Write(values, kSegmentBytesMax);
    values_.insert(values_.end(), values.begin(), values.end());
  }

  // All files below a folder, and what they hold.
  static std::map<std::string, std::string> Contents(const test::SimulatedFileSystem& files,
                                                     const std::string& folder) {
    std::map<std::string, std::string> contents;
    for (const std::string& path : files.Files())
      if (path.starts_with(folder + "/")) contents[path] = files.Contents(path);
    return contents;
  }

  // Whether there is nothing in the folder that anybody could take for a copy.
  static bool HoldsNothing(FileSystem& files, const std::string& folder) {
    const auto names = files.List(folder);
    return !names.ok() || names->empty() || *names == std::vector<std::string>{"LOCK"};
  }

  std::vector<std::string> values_ = {std::string(3000, 'a'), std::string(3000, 'b'),
                                      std::string(3000, 'c'), std::string(3000, 'd'),
                                      std::string(10, 'e')};
};

}  // namespace daybook::disk
