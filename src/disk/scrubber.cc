#include "disk/scrubber.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "base/logging.h"
#include "disk/frame_walk.h"

namespace daybook::disk {
namespace {

using std::chrono::steady_clock;

// So much is read before it is looked at whether that was too fast.
constexpr std::uint64_t kStepBytes = 1 << 20;

}  // namespace

Scrubber::Scrubber(std::function<std::vector<LogSegment>()> segments,
                   std::uint64_t bytes_per_second)
    : segments_(std::move(segments)), bytes_per_second_(bytes_per_second) {
  if (bytes_per_second_ > 0) thread_ = std::thread([this] { Run(); });
}

void Scrubber::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    stopped_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

bool Scrubber::WaitUntil(steady_clock::time_point time) {
  const MutexLock lock(mutex_);
  while (!stopping_ && steady_clock::now() < time) stopped_.WaitUntil(mutex_, time);
  return !stopping_;
}

void Scrubber::Run() {
  for (auto next = steady_clock::now() + kFirstAfter; WaitUntil(next);) {
    next = steady_clock::now() + kInterval;
    Pass();
  }
}

void Scrubber::Pass() {
  std::uint64_t damages = 0;
  const std::uint64_t before_bytes = bytes_;
  const auto began = steady_clock::now();
  for (const LogSegment& segment : segments_()) {
    if (!Read(segment, damages)) return;
  }
  damages_ = damages;
  ++passes_;
  const auto duration =
      std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now() - began);
  logging::Info("what is on the disk was verified", {{"bytes", bytes_ - before_bytes},
                                                     {"damaged_places", damages},
                                                     {"duration_s", duration.count()}});
}

bool Scrubber::Read(const LogSegment& segment, std::uint64_t& damages) {
  const Segment& file = *segment.segment;
  FrameWalk walk(file.file(), file.header().salt, file.header().first_offset, segment.end.position);
  auto step_began = steady_clock::now();
  std::uint64_t step_position = kSegmentHeaderBytes;
  for (;;) {
    const Result<std::optional<FrameWalk::Step>> step = walk.Next();
    if (step.status().code() == StatusCode::kNotFound) return true;  // it was taken away
    if (!step.ok()) {
      Tell(segment, walk.position(), step.status().message(), damages);
      return true;
    }
    if (*step) {
      if (const auto* const gap = std::get_if<FrameWalk::Gap>(&**step))
        Tell(segment, gap->position, gap->what, damages);
    }
    const std::uint64_t read_bytes = walk.position() - step_position;
    if (*step && read_bytes < kStepBytes) continue;
    bytes_ += read_bytes;
    const auto wait = std::chrono::duration<double>(static_cast<double>(read_bytes) /
                                                    static_cast<double>(bytes_per_second_));
    if (!WaitUntil(step_began + std::chrono::duration_cast<steady_clock::duration>(wait)))
      return false;
    if (!*step) return true;
    step_began = steady_clock::now();
    step_position = walk.position();
  }
}

void Scrubber::Tell(const LogSegment& segment, std::uint64_t position, const std::string& what,
                    std::uint64_t& damages) {
  ++damages;
  damages_ = std::max(damages_.load(), damages);
  logging::Error(
      "what is on the disk is damaged",
      {{"file", segment.segment->file().path()}, {"position", position}, {"what", what}});
}

Scrubber::Stats Scrubber::stats() const { return {bytes_, passes_, damages_}; }

}  // namespace daybook::disk
