// Data folders that were written by this version and by each that was released before it.
//
// tests/disk/golden has a folder a version of the format, and what has to be read from it; its
// README says how a new one comes to be.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "base/logging.h"
#include "disk/disk_store.h"
#include "disk/frame_reader.h"
#include "support/find_log.h"

namespace daybook::disk {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::EndsWith;

const fs::path kGolden = DAYBOOK_GOLDEN;
constexpr const char* kExpected = "expected.ndjson";
constexpr const char* kWrite = "DAYBOOK_WRITE_GOLDEN";

// As a JSON string of which each character is a byte.
std::string Quoted(std::string_view bytes) {
  std::string text = "\"";
  for (const char byte : bytes) {
    if (byte >= ' ' && byte <= '~' && byte != '"' && byte != '\\') {
      text += byte;
    } else {
      std::array<char, 8> escaped;
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned char>(byte));
      text += escaped.data();
    }
  }
  return text + "\"";
}

std::string LineOf(const log::RecordView& record) {
  std::string line = R"({"offset":)" + std::to_string(record.offset.value) + R"(,"timestamp_ms":)" +
                     std::to_string(record.timestamp.milliseconds);
  if (record.key) line += R"(,"key":)" + Quoted(*record.key);
  if (!record.headers.empty()) {
    line += R"(,"headers":[)";
    for (const auto& [name, value] : record.headers)
      line.append("[").append(Quoted(name)).append(",").append(Quoted(value)).append("],");
    line.back() = ']';
  }
  return line + R"(,"value":)" + Quoted(record.value) + "}";
}

std::string ContentsOf(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> LinesOf(const fs::path& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// The files of the logs, without the catalogue's, sorted.
std::vector<fs::path> FilesIn(const fs::path& folder, const std::string& suffix) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string path = entry.path().string();
    if (path.ends_with(suffix) && path.find("/catalogue/") == std::string::npos)
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class GoldenTest : public testing::Test {
 protected:
  GoldenTest() : folder_(testing::TempDir() + "golden_" + std::to_string(::getpid())) {
    fs::remove_all(folder_);
    logging::SetLevel(logging::Level::kError);
  }
  ~GoldenTest() override {
    store_.reset();
    logging::SetLevel(logging::Level::kInfo);
    fs::remove_all(folder_);
  }

  void Open(const DiskLogOptions& options = {}) {
    auto opened = DiskLogStore::Open(FileSystem::Posix(), clock_, folder_, options,
                                     [](const Status& status) { FAIL() << status.message(); });
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    store_ = std::move(*opened);
    store_->AwaitRecovery();
  }
  void Close() { store_.reset(); }

  void Append(log::Batch batch) {
    std::promise<Status> answer;
    test::FindLog(*store_)->Append(std::move(batch), [&](const Result<log::Appended>& appended) {
      answer.set_value(appended.status());
    });
    const Status status = answer.get_future().get();
    ASSERT_TRUE(status.ok()) << status.message();
    clock_.Set(Timestamp(clock_.Now().milliseconds + 1001));
  }

  std::vector<std::string> Lines() {
    std::vector<std::string> lines;
    test::FindLog(*store_)->Read(Offset(0), {UINT64_MAX, UINT64_MAX},
                                 [&](const Result<log::Page>& page) {
                                   ASSERT_TRUE(page.ok()) << page.status().message();
                                   for (const log::RecordView& record : page->records)
                                     lines.push_back(LineOf(record));
                                 });
    return lines;
  }

  void CopyHere(const fs::path& version) {
    fs::remove_all(folder_);
    fs::copy(version / "data", folder_, fs::copy_options::recursive);
  }

  void WriteAnew();
  void AppendWithIdempotencyKey();

  const std::string folder_;
  ManualClock clock_{Timestamp(1'700'000'000'123)};
  std::unique_ptr<DiskLogStore> store_;
};

log::NewRecord Record(const std::string& value) {
  log::NewRecord record;
  record.value = value;
  return record;
}

// The engine reads idempotency keys and does not write them yet: one by its own encoders, behind
// the last frame of a log that has stopped.
void GoldenTest::AppendWithIdempotencyKey() {
  const fs::path segment = FilesIn(folder_, ".log").back();
  fs::remove(fs::path(segment).replace_extension(".index"));
  const auto log = RecoverLog(FileSystem::Posix(), segment.parent_path());
  ASSERT_TRUE(log.ok());
  const LogSegment& last = log->segments.back();
  EncodedAppend append = *EncodeAppend({Record("with an idempotency key")}, "a client's key");
  const FramePlace place{last.segment->header().salt, last.end.position};
  FrameHeader header;
  header.body_bytes = append.body_bytes;
  header.record_count = append.record_count;
  header.first_offset = last.end.offset;
  header.timestamp = clock_.Now();
  header.durable_position = place.position;
  header.body_checksum = BodyChecksum(
      std::string_view(append.bytes).substr(kFrameHeaderBytes, append.body_bytes), place);
  EncodeFrameHeader(header, place, append.bytes.data());
  auto file = FileSystem::Posix().Open(segment, FileSystem::Mode::kReadWrite);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->WriteBytesAt(place.position, append.bytes).ok());
}

// A log of three segments, over two starts, in golden/v<this version>.
void GoldenTest::WriteAnew() {
  DiskLogOptions options;
  options.segment_bytes_max = 16 << 10;
  Open(options);
  Append({Record("first")});
  log::Batch batch = {Record("with a key"), Record(""), Record("with headers"),
                      Record(std::string("\0\x01\x7F\x80\xFF\"\\\n", 8))};
  batch[0].key = "key";
  batch[1].key = "";
  batch[2].headers = {{"content-type", "text/plain"}, {"empty", ""}, {"", std::string(300, 'h')}};
  Append(batch);
  for (const char fill : {'a', 'b', 'c', 'd', 'e', 'f'}) Append({Record(std::string(2500, fill))});
  Close();  // a mark
  AppendWithIdempotencyKey();
  clock_.Set(Timestamp(clock_.Now().milliseconds - 60'000));  // timestamps stay
  Open(options);
  for (const char fill : {'g', 'h', 'i', 'j', 'k', 'l'}) Append({Record(std::string(2500, fill))});
  Append({Record("last")});
  const std::vector<std::string> lines = Lines();
  Close();

  const fs::path version = kGolden / ("v" + std::to_string(kFormatVersion));
  fs::remove_all(version / "data");
  fs::create_directories(version);
  fs::copy(folder_, version / "data", fs::copy_options::recursive);
  std::ofstream expected(version / kExpected);
  for (const std::string& line : lines) expected << line << "\n";
}

std::vector<fs::path> Versions() {
  std::vector<fs::path> versions;
  for (const auto& entry : fs::directory_iterator(kGolden)) {
    if (entry.is_directory()) versions.push_back(entry.path());
  }
  return versions;
}

TEST_F(GoldenTest, EveryRecordOfEveryVersionIsReadAndALogGoesOn) {
  if (std::getenv(kWrite) != nullptr) WriteAnew();
  ASSERT_FALSE(HasFatalFailure());
  ASSERT_THAT(Versions(), Contains(kGolden / ("v" + std::to_string(kFormatVersion))));
  for (const fs::path& version : Versions()) {
    SCOPED_TRACE(version);
    std::vector<std::string> expected = LinesOf(version / kExpected);
    ASSERT_GE(expected.size(), 10U);
    for (const bool with_index : {true, false}) {
      CopyHere(version);
      if (!with_index) {
        for (const fs::path& index : FilesIn(folder_, ".index")) fs::remove(index);
      }
      Open();
      EXPECT_EQ(Lines(), expected);
      Append({Record("one more")});
      Close();
      Open();
      std::vector<std::string> found = Lines();
      ASSERT_EQ(found.size(), expected.size() + 1);
      EXPECT_THAT(found.back(), EndsWith(R"("value":"one more"})"));
      found.pop_back();
      EXPECT_EQ(found, expected);
      Close();
    }
  }
}

TEST_F(GoldenTest, AFolderHasAllThatItsFormatHas) {
  if (std::getenv(kWrite) != nullptr) GTEST_SKIP() << "it is being written";
  CopyHere(kGolden / "v1");
  const std::vector<fs::path> segments = FilesIn(folder_, ".log");
  ASSERT_GE(segments.size(), 3U);
  EXPECT_GE(FilesIn(folder_, ".index").size(), segments.size() - 1);
  int marks = 0;
  int seals = 0;
  int idempotency_keys = 0;
  int several_records = 0;
  for (const fs::path& segment : segments) {
    EXPECT_LE(fs::file_size(segment), 20U << 10);
    const auto header = DecodeSegmentHeader(ContentsOf(segment));
    const auto file = FileSystem::Posix().Open(segment, FileSystem::Mode::kRead);
    ASSERT_TRUE(header.ok() && file.ok());
    FrameReader reader(**file, header->salt, kSegmentHeaderBytes, fs::file_size(segment));
    for (auto frame = reader.Header(); frame.ok() && *frame; frame = reader.Header()) {
      marks += (*frame)->type == FrameType::kMark && !(*frame)->seal ? 1 : 0;
      seals += (*frame)->seal ? 1 : 0;
      several_records += (*frame)->record_count > 1 ? 1 : 0;
      const auto body = reader.Body(**frame);
      ASSERT_TRUE(body.ok() && *body);
      if (AppendBodyReader(**body).idempotency()) ++idempotency_keys;
      reader.Skip(**frame);
    }
    EXPECT_EQ(reader.position(), fs::file_size(segment));
  }
  EXPECT_GE(marks, 1);
  EXPECT_EQ(static_cast<std::size_t>(seals), segments.size() - 1);
  EXPECT_EQ(idempotency_keys, 1);
  EXPECT_GE(several_records, 1);
}

}  // namespace
}  // namespace daybook::disk
