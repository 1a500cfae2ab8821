#include "support/simulated_state.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace daybook::test {
namespace {

constexpr std::size_t kStalePagesMax = 64;
constexpr std::uint64_t kFreeBytesWithoutCapacity = std::uint64_t{1} << 40;

}  // namespace

SimulatedState::SimulatedState() { node(MakeNode(true)).links = 1; }

void SimulatedState::Write(Node& file, std::uint64_t position, std::string_view bytes) {
  if (bytes.empty()) return;
  file.cache.Write(position, bytes);
  Change change{Change::Kind::kWrite,    next_sequence++,
                file.cache.size(),       position,
                position + bytes.size(), {}};
  change.pages.reserve(change.page_count());
  for (std::uint64_t i = 0; i < change.page_count(); ++i)
    change.pages.push_back(file.cache.page(change.first_page() + i));
  file.changes.push_back(std::move(change));
}

void SimulatedState::Reserve(Node& file, std::uint64_t position, std::uint64_t bytes) {
  if (bytes == 0) return;
  const std::uint64_t end = position + bytes;
  file.changes.push_back({Change::Kind::kReserve,
                          next_sequence++,
                          std::max(file.cache.size(), end),
                          position,
                          end,
                          {}});
  file.changes.back().ApplyTo(file.cache);
}

void SimulatedState::Truncate(Node& file, std::uint64_t bytes) {
  if (bytes < file.cache.size()) KeepStale(file.cache);
  file.changes.push_back({Change::Kind::kTruncate, next_sequence++, bytes, 0, 0, {}});
  file.changes.back().ApplyTo(file.cache);
}

void SimulatedState::Sync(Node& file) {
  for (const Change& change : file.changes) change.ApplyTo(file.disk);
  file.changes.clear();
}

void SimulatedState::LoseWrites(Node& file, bool half_is_kept) {
  std::uint64_t sectors = 0;
  const auto count = [&](const Change& change, const auto& on_page) {
    for (std::uint64_t i = 0; i < change.pages.size(); ++i) on_page(i, change.Sectors(i));
  };
  for (const Change& change : file.changes)
    count(change, [&](std::uint64_t, SectorMask mask) { sectors += std::popcount(mask); });
  std::uint64_t left = half_is_kept ? sectors / 2 : 0;
  for (Change& change : file.changes) {
    count(change, [&](std::uint64_t i, SectorMask mask) {
      SectorMask kept = 0;
      for (unsigned bit = 1; bit <= mask && left > 0; bit <<= 1) {
        if ((mask & bit) == 0) continue;
        kept |= static_cast<SectorMask>(bit);
        --left;
      }
      file.disk.Merge(change.first_page() + i, change.pages[i], kept);
    });
    if (change.kind != Change::Kind::kWrite) continue;
    change.begin = change.end = 0;
    change.pages.clear();
  }
}

void SimulatedState::Evict(Node& file) {
  const std::uint64_t size = file.cache.size();
  Content fresh = file.disk;
  for (const Change& change : file.changes) change.ApplyTo(fresh);
  // Of what was lost the pages still have room.
  for (std::uint64_t page = 0; page * kPageBytes < size; ++page)
    if (file.cache.IsAllocated(page)) fresh.Allocate(page);
  file.cache = std::move(fresh);
  file.cache.Resize(size);
}

std::uint64_t SimulatedState::FreeBytes() const {
  if (!capacity_bytes) return kFreeBytesWithoutCapacity;
  std::uint64_t used = 0;
  for (const auto& [id, node] : nodes)
    if (node.links > 0 || node.opens > 0) used += node.cache.allocated_pages() * kPageBytes;
  return *capacity_bytes - std::min(used, *capacity_bytes);
}

std::uint64_t SimulatedState::Fitting(const Node& file, std::uint64_t position,
                                      std::uint64_t bytes) const {
  if (!capacity_bytes) return bytes;
  std::uint64_t free_pages = FreeBytes() / kPageBytes;
  for (std::uint64_t page = position / kPageBytes; page * kPageBytes < position + bytes; ++page) {
    if (file.cache.IsAllocated(page)) continue;
    if (free_pages-- == 0) return std::max(page * kPageBytes, position) - position;
  }
  return bytes;
}

void SimulatedState::KeepStale(const Content& content) {
  for (std::uint64_t page = 0; page * kPageBytes < content.size() && page < kStalePagesMax;
       ++page) {
    if (!content.page(page)) continue;
    if (stale.size() < kStalePagesMax) {
      stale.push_back(content.page(page));
    } else {
      stale[stale_kept_ % kStalePagesMax] = content.page(page);
    }
    ++stale_kept_;
  }
}

}  // namespace daybook::test
