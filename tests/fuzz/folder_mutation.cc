#include "fuzz/folder_mutation.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <utility>

#include "disk/append_body.h"
#include "disk/format.h"
#include "disk/little_endian.h"

namespace daybook::fuzz {
namespace {

using disk::FrameHeader;
using disk::FramePlace;
using disk::GetInteger;
using disk::kFrameAlignment;
using disk::kFrameHeaderBytes;
using disk::kSegmentHeaderBytes;
using disk::PutInteger;

constexpr const char* kCatalogue = "/data/catalogue";
// Nothing is put into a file behind it.
constexpr std::size_t kPositionMax = 256 << 10;

// Where fields stand, as FORMAT.md draws them: of a segment's header, and of meta, where it has
// them;
constexpr std::size_t kFirstOffset = 32;
constexpr std::size_t kSalt = 48;
constexpr std::size_t kHeaderChecksum = 56;
// of an index;
constexpr std::size_t kIndexChecksum = 40;
constexpr std::size_t kIndexEntries = 48;
// of a frame.
constexpr std::size_t kBodyChecksum = 8;
constexpr std::size_t kBodyBytes = 16;

enum class Kind : std::uint8_t {
  kFlip,
  kOverwrite,
  kCut,
  kCopy,
  kSwap,
  kExtend,
  kRemove,
  kAddFile,
  kRemoveCatalogue,
  kSignHeader,
  kSignFrame,
  kSignIndex,
  kWriteFrame,
};
constexpr int kKinds = static_cast<int>(Kind::kWriteFrame) + 1;

bool HasHeader(const std::string& bytes) { return bytes.size() >= kSegmentHeaderBytes; }

std::uint64_t SaltOf(const std::string& segment) {
  return GetInteger<std::uint64_t>(segment.data() + kSalt);
}

}  // namespace

std::uint8_t Input::Byte() {
  if (rest_.empty()) return 0;
  const auto byte = static_cast<std::uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return byte;
}

std::uint16_t Input::Short() {
  const std::uint8_t low = Byte();
  return static_cast<std::uint16_t>(low | Byte() << 8);
}

std::string Input::Bytes(std::size_t bytes) {
  const std::string taken(rest_.substr(0, bytes));
  rest_.remove_prefix(taken.size());
  return taken;
}

Frames FramesOf(const std::string& segment) {
  Frames frames;
  if (!HasHeader(segment)) return frames;
  frames.end = kSegmentHeaderBytes;
  frames.next_offset = GetInteger<std::uint64_t>(segment.data() + kFirstOffset);
  while (frames.end + kFrameHeaderBytes <= segment.size()) {
    const auto header =
        disk::DecodeFrameHeader(segment.data() + frames.end, {SaltOf(segment), frames.end});
    if (!header || header->frame_bytes() > segment.size() - frames.end) break;
    frames.last_position = frames.end;
    frames.end += header->frame_bytes();
    frames.next_offset = header->first_offset.value + header->record_count;
  }
  return frames;
}

FolderMutation::FolderMutation(test::SimulatedFileSystem& files, std::string log_folder)
    : files_(files), log_folder_(std::move(log_folder)) {
  for (const std::string& path : Files()) {
    if (path.starts_with(log_folder_) && path.ends_with(".log")) last_segment_ = path;
  }
  tail_position_ = FramesOf(files_.Contents(last_segment_)).last_position;
}

// The log's, the catalogue's, and the others.
std::vector<std::string> FolderMutation::Files() const {
  std::vector<std::string> files = files_.Files();
  const auto rank = [&](const std::string& path) {
    return path.starts_with(log_folder_) ? 0 : path.starts_with(kCatalogue) ? 1 : 2;
  };
  std::stable_sort(files.begin(), files.end(),
                   [&](const std::string& a, const std::string& b) { return rank(a) < rank(b); });
  return files;
}

std::string FolderMutation::ChooseFile(Input& input) const {
  const std::vector<std::string> files = Files();
  return files.empty() ? "" : files[input.Byte() % files.size()];
}

void FolderMutation::Overwrite(const std::string& path, std::uint64_t position,
                               std::string_view bytes) {
  if (position > kPositionMax) return;
  std::string contents = files_.Contents(path);
  const std::uint64_t size = contents.size();
  if (position + bytes.size() > contents.size()) contents.resize(position + bytes.size());
  std::copy(bytes.begin(), bytes.end(), contents.begin() + static_cast<std::ptrdiff_t>(position));
  const bool in_tail = position < size && position + bytes.size() > tail_position_;
  tail_touched_ = tail_touched_ || (path == last_segment_ && in_tail);
  files_.SetContents(path, contents);
}

void FolderMutation::Replace(const std::string& path, const std::string& bytes) {
  tail_touched_ = tail_touched_ || path == last_segment_;
  files_.SetContents(path, bytes);
}

void FolderMutation::Cut(const std::string& path, std::uint64_t bytes) {
  std::string contents = files_.Contents(path);
  if (bytes >= contents.size()) return;
  contents.resize(bytes);
  Replace(path, contents);
}

void FolderMutation::Remove(const std::string& path) {
  tail_touched_ = tail_touched_ || path == last_segment_;
  (void)files_.Remove(path);
}

void FolderMutation::RemoveCatalogue() {
  for (const std::string& path : files_.Files()) {
    if (path.starts_with(kCatalogue)) (void)files_.Remove(path);
  }
  (void)files_.Remove(kCatalogue);
}

// A file under a name that may mean something, with what another has.
void FolderMutation::AddFile(Input& input) {
  const std::string from = ChooseFile(input);
  const std::uint8_t kind = input.Byte();
  const std::uint8_t number = input.Byte();
  const Offset offset(number < 128 ? number : UINT64_MAX - (255 - number));
  const std::array<std::string, 7> names = {
      log_folder_ + "/" + disk::SegmentName(offset),
      log_folder_ + "/" + disk::IndexName(offset),
      log_folder_ + "/" + disk::SegmentName(offset) + ".tmp",
      log_folder_ + "/" + disk::SegmentName(offset) + ".torn",
      log_folder_ + "/stranger",
      std::string(kCatalogue) + "/" + disk::SegmentName(offset),
      "/data/lost",
  };
  const std::string& name = names[kind % names.size()];
  const auto folder = files_.List(name.substr(0, name.rfind('/')));
  if (!from.empty() && folder.ok()) Replace(name, files_.Contents(from));
}

void FolderMutation::Swap(Input& input) {
  const std::string path = ChooseFile(input);
  const std::uint64_t first = std::uint64_t{input.Short()} * kFrameAlignment;
  const std::uint64_t second = std::uint64_t{input.Short()} * kFrameAlignment;
  const std::uint64_t bytes = std::uint64_t{input.Byte()} * kFrameAlignment;
  if (path.empty()) return;
  const std::string contents = files_.Contents(path);
  if (std::max(first, second) + bytes > contents.size()) return;
  Overwrite(path, first, std::string_view(contents).substr(second, bytes));
  Overwrite(path, second, std::string_view(contents).substr(first, bytes));
}

// Of a segment or of meta.
void FolderMutation::SignHeader(const std::string& path) {
  const std::string contents = files_.Contents(path);
  if (contents.size() < kHeaderChecksum + sizeof(std::uint64_t)) return;
  std::string checksum(sizeof(std::uint64_t), '\0');
  PutInteger(checksum.data(), std::uint64_t{XXH3_64bits(contents.data(), kHeaderChecksum)});
  forged_ = true;
  Overwrite(path, kHeaderChecksum, checksum);
}

void FolderMutation::SignFrame(const std::string& path, std::uint64_t position) {
  std::string contents = files_.Contents(path);
  if (!HasHeader(contents) || position < kSegmentHeaderBytes ||
      position + kFrameHeaderBytes > contents.size()) {
    return;
  }
  char* const frame = contents.data() + position;
  const std::uint64_t seed = SaltOf(contents) ^ position;
  const std::uint64_t room = contents.size() - position - kFrameHeaderBytes;
  const auto body_bytes =
      std::min<std::uint64_t>(GetInteger<std::uint32_t>(frame + kBodyBytes), room);
  PutInteger(frame + kBodyChecksum,
             std::uint64_t{XXH3_64bits_withSeed(frame + kFrameHeaderBytes, body_bytes, seed)});
  PutInteger(frame, std::uint64_t{XXH3_64bits_withSeed(frame + kBodyChecksum,
                                                       kFrameHeaderBytes - kBodyChecksum, seed)});
  forged_ = true;
  files_.SetContents(path, contents);
}

void FolderMutation::SignIndex(const std::string& path) {
  std::string contents = files_.Contents(path);
  if (contents.size() < kIndexEntries) return;
  PutInteger(contents.data() + kIndexChecksum,
             std::uint64_t{XXH3_64bits_withSeed(contents.data() + kIndexEntries,
                                                contents.size() - kIndexEntries,
                                                XXH3_64bits(contents.data(), kIndexChecksum))});
  forged_ = true;
  files_.SetContents(path, contents);
}

// A frame with right checksums: behind the last one, or somewhere.
void FolderMutation::WriteFrame(Input& input) {
  const std::string path = ChooseFile(input);
  const std::uint8_t flags = input.Byte();
  const std::uint16_t place = input.Short();
  const auto offset_step = static_cast<std::int8_t>(input.Byte());
  const std::uint16_t durable = input.Short();
  FrameHeader header;
  header.record_count = input.Byte();
  header.timestamp = Timestamp(static_cast<std::int64_t>(std::uint64_t{input.Byte()} << 56));
  std::string body = input.Bytes(input.Short() % 1024);
  if (path.empty() || !path.ends_with(".log") || !HasHeader(files_.Contents(path))) return;
  const std::string contents = files_.Contents(path);
  const Frames frames = FramesOf(contents);
  header.type = static_cast<disk::FrameType>(1 + (flags & 1));
  header.seal = (flags & 2) != 0;
  if ((flags & 4) != 0) {  // a body that is one
    std::string whole;
    log::Batch batch(std::max<std::uint32_t>(header.record_count % 8, 1));
    batch.front().value = std::move(body);
    if ((flags & 8) != 0) batch.back().key = "key";
    disk::EncodeAppendBody(batch, (flags & 16) != 0 ? "idempotency key" : "", whole);
    header.record_count = static_cast<std::uint32_t>(batch.size());
    body = std::move(whole);
  }
  if ((flags & 32) != 0) {
    header.type = disk::FrameType::kLost;
    body.clear();
  }
  const FramePlace at{SaltOf(contents),
                      place == 0 ? frames.end : std::uint64_t{place} * kFrameAlignment};
  header.first_offset = Offset(frames.next_offset + static_cast<std::uint64_t>(offset_step));
  header.durable_position = durable == 0 ? at.position : std::uint64_t{durable} * kFrameAlignment;
  header.body_bytes = static_cast<std::uint32_t>(body.size());
  header.body_checksum = BodyChecksum(body, at);
  std::string frame(header.frame_bytes(), '\0');
  EncodeFrameHeader(header, at, frame.data());
  std::copy(body.begin(), body.end(), frame.begin() + kFrameHeaderBytes);
  forged_ = true;
  Overwrite(path, at.position, frame);
}

void FolderMutation::Next(Input& input) {
  const auto kind = static_cast<Kind>(input.Byte() % kKinds);
  if (kind == Kind::kSwap) return Swap(input);
  if (kind == Kind::kAddFile) return AddFile(input);
  if (kind == Kind::kRemoveCatalogue) return RemoveCatalogue();
  if (kind == Kind::kWriteFrame) return WriteFrame(input);
  const std::string path = ChooseFile(input);
  if (path.empty()) return;
  const std::string contents = files_.Contents(path);
  if (kind == Kind::kRemove) return Remove(path);
  if (kind == Kind::kSignHeader) return SignHeader(path);
  if (kind == Kind::kSignIndex) return SignIndex(path);
  const std::uint16_t position = input.Short();
  if (kind == Kind::kSignFrame) return SignFrame(path, std::uint64_t{position} * kFrameAlignment);
  if (kind == Kind::kCut) return Cut(path, position);
  if (kind == Kind::kExtend) return Overwrite(path, contents.size(), std::string(position, '\0'));
  if (kind == Kind::kOverwrite) return Overwrite(path, position, input.Bytes(input.Byte()));
  if (kind == Kind::kCopy) {
    const std::uint16_t bytes = input.Short();
    const std::string to = ChooseFile(input);
    const std::uint16_t to_position = input.Short();
    if (position >= contents.size()) return;
    return Overwrite(to, to_position, std::string_view(contents).substr(position, bytes));
  }
  const std::uint8_t bits = input.Byte();
  if (contents.empty()) return;
  const std::size_t at = position % contents.size();
  Overwrite(path, at, std::string(1, static_cast<char>(contents[at] ^ bits)));
}

}  // namespace daybook::fuzz
