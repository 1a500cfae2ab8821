// LogFolderTest writes a data folder with the engine, for tests that then alter its files.
#pragma once

#include <gtest/gtest.h>
#include <xxhash.h>

#include <functional>
#include <future>
#include <string>
#include <vector>

#include "base/logging.h"
#include "disk/disk_store.h"
#include "disk/format.h"
#include "disk/little_endian.h"
#include "disk/segment_writer.h"
#include "support/find_log.h"
#include "support/simulated_file_system.h"

namespace daybook::disk {

// A whole header that a later version would write.
inline std::string JournalOfALaterVersion() {
  std::string bytes = EncodeSegmentHeader({}, FileKind::kJournal);
  bytes[8] = 2;
  constexpr std::size_t kChecksum = 56;
  PutInteger<std::uint64_t>(bytes.data() + kChecksum, XXH3_64bits(bytes.data(), kChecksum));
  return bytes;
}

class LogFolderTest : public testing::Test {
 protected:
  LogFolderTest() { logging::SetLevel(logging::Level::kError); }
  ~LogFolderTest() override { logging::SetLevel(logging::Level::kInfo); }

  // Appends the values, one a frame, and stops cleanly after `then`.
  void Write(
      const std::vector<std::string>& values, std::uint64_t segment_bytes_max = 1 << 20,
      const std::function<void()>& then = [] {}) {
    DiskLogOptions options;
    options.segment_bytes_max = segment_bytes_max;
    auto store = DiskLogStore::Open(files_, Clock::System(), "/data", options,
                                    [](const Status& status) { FAIL() << status.message(); });
    ASSERT_TRUE(store.ok());
    (*store)->AwaitRecovery();
    for (const std::string& value : values) {
      log::Batch batch(1);
      batch.front().value = value;
      std::promise<bool> done;
      test::FindLog(**store)->Append(std::move(batch), [&](const Result<log::Appended>& appended) {
        done.set_value(appended.ok());
      });
      ASSERT_TRUE(done.get_future().get());
    }
    then();
  }

  // The same, and then as if the server had been killed: the last segment has no index.
  void WriteWithoutIndex(const std::vector<std::string>& values) {
    Write(values);
    (void)files_.Remove(IndexOf(Segments().back()));  // there is none of a log without records
  }

  // Appends a frame to the last segment, as a repair would, and a mark.
  void WriteLost(Offset first_offset, std::uint32_t record_count) {
    const std::string path = Segments().back();
    const std::string contents = files_.Contents(path);
    auto writer = SegmentWriter::Resume(files_, FolderOf(path), *DecodeSegmentHeader(contents),
                                        contents.size());
    FrameHeader lost;
    lost.type = FrameType::kLost;
    lost.record_count = record_count;
    lost.first_offset = first_offset;
    ASSERT_TRUE(writer->MakeRoom(kFrameHeaderBytes).ok());
    writer->Add(lost, std::string(kFrameHeaderBytes, '\0'));
    ASSERT_TRUE(writer->Write().ok() && writer->Sync().ok());
    ASSERT_TRUE(writer->Mark(first_offset + record_count, Timestamp(), false).ok());
    ASSERT_TRUE(writer->CutToSize().ok());
  }

  static std::string IndexOf(const std::string& segment) {
    return segment.substr(0, segment.size() - std::string(".log").size()) + ".index";
  }
  static std::string FolderOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

  // The log's segments, in their order.
  std::vector<std::string> Segments() const { return SegmentsIn(files_); }
  static std::vector<std::string> SegmentsIn(const test::SimulatedFileSystem& files) {
    std::vector<std::string> segments;
    for (const std::string& path : files.Files()) {
      if (path.ends_with(".log") && path.find("catalogue") == std::string::npos)
        segments.push_back(path);
    }
    return segments;
  }

  test::SimulatedFileSystem files_;
};

}  // namespace daybook::disk
