#include "app/exam_output.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>

namespace daybook::app {
namespace {

using disk::Fault;
using std::chrono::steady_clock;

std::string Count(std::uint64_t number, const char* what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

// How far an examination is, and how fast.
class Extent {
 public:
  void SetTotal(std::uint64_t bytes) { total_bytes_ = bytes; }
  void Add(std::uint64_t bytes) { bytes_ += bytes; }

  std::string Line() const {
    const auto elapsed = std::chrono::duration<double>(steady_clock::now() - began_).count();
    const auto bytes_a_second = static_cast<std::uint64_t>(static_cast<double>(bytes_) / elapsed);
    const std::uint64_t percent =
        total_bytes_ == 0 ? 100 : std::min<std::uint64_t>(bytes_ * 100 / total_bytes_, 100);
    return "verified " + std::to_string(percent) + " % of " + ForPeople(total_bytes_) + ", " +
           ForPeople(bytes_a_second) + "/s";
  }

 private:
  const steady_clock::time_point began_ = steady_clock::now();
  std::uint64_t total_bytes_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace

std::string DescribeOffsets(Offset first_offset, Offset next_offset) {
  const std::string first = std::to_string(first_offset.value);
  if (first_offset + 1 == next_offset) return "offset " + first;
  return "offsets " + first + " to " + std::to_string(next_offset.value - 1) + " (" +
         Count(next_offset - first_offset, "record") + ")";
}

std::string DescribePlace(const Fault& fault) {
  return fault.path + ", position " + std::to_string(fault.position) + ": " + fault.what;
}

std::string Describe(const Fault& fault) {
  const std::string place = DescribePlace(fault);
  switch (fault.kind) {
    case Fault::Kind::kTornTail:
      return "torn tail, no damage: " + place +
             "; it was never acknowledged, and the next start cuts it off";
    case Fault::Kind::kIndex:
      return "index, no damage: " + fault.path + ": " + fault.what +
             "; the segment is read without it, and a repair makes it again";
    case Fault::Kind::kUnknown:
      return "unknown: " + place;
    case Fault::Kind::kDamage:
      break;
  }
  std::string text = "damage: " + place;
  if (fault.first_offset < fault.next_offset)
    text += "; it takes " + DescribeOffsets(fault.first_offset, fault.next_offset);
  if (fault.takes_more) {
    text += "; it takes all records from offset " + std::to_string(fault.next_offset.value) +
            " on, and nobody knows how many there were";
  }
  return text;
}

std::string DescribeJournal(const std::string& path) {
  return "journal: " + path +
         ": the next start, or a repair, writes what it holds to its places; until then damage may "
         "be told of that is none";
}

std::string DescribeExtent(const disk::ExaminedLog& log) {
  std::uint64_t frames = 0;
  std::uint64_t records = 0;
  std::uint64_t lost_records = 0;
  std::uint64_t bytes = 0;
  for (const disk::ExaminedSegment& segment : log.segments) {
    frames += segment.frames;
    records += segment.records;
    lost_records += segment.lost_records;
    bytes += segment.end.position;
  }
  std::string text = log.first_offset < log.next_offset
                         ? "offsets " + std::to_string(log.first_offset.value) + " to " +
                               std::to_string(log.next_offset.value - 1)
                         : "empty, the next offset is " + std::to_string(log.next_offset.value);
  text += ", " + Count(log.segments.size(), "segment") + ", " + Count(frames, "frame") + ", " +
          Count(records, "record") + ", " + ForPeople(bytes);
  if (lost_records > 0)
    text += "; " + Count(lost_records, "record") + " given up by earlier repairs";
  return text;
}

int ExitCodeOfExam(const char* command, const Status& status) {
  std::fflush(stdout);
  std::fprintf(stderr, "daybook: %s: %s\n", command, status.message().c_str());
  return status.code() == StatusCode::kNotFound ? 2 : 1;
}

disk::FolderExamOptions ShowingProgress(Progress& progress) {
  const auto extent = std::make_shared<Extent>();
  disk::FolderExamOptions options;
  options.on_total = [extent](std::uint64_t bytes) { extent->SetTotal(bytes); };
  options.on_bytes = [extent, &progress](std::uint64_t bytes) {
    extent->Add(bytes);
    progress.Show([&] { return extent->Line(); });
  };
  return options;
}

}  // namespace daybook::app
