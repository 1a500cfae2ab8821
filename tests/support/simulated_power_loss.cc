#include "support/simulated_power_loss.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace daybook::test {
namespace {

// SplitMix64: neighbouring seeds give unrelated numbers.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    return mixed ^ (mixed >> 31);
  }
  std::uint64_t Below(std::uint64_t end) { return Next() % end; }
  // Each sector, with a chance of `eighths` of 8.
  SectorMask Sectors(std::uint64_t eighths) {
    SectorMask mask = 0;
    std::uint64_t bits = Next();
    for (std::size_t sector = 0; sector < kSectorsPerPage; ++sector, bits >>= 3)
      mask |= static_cast<SectorMask>(((bits & 7) < eighths ? 1 : 0) << sector);
    return mask;
  }

 private:
  std::uint64_t state_;
};

// Of one page, sector by sector.
struct PageFate {
  SectorMask allocated = 0;  // it was written or reserved
  SectorMask written = 0;    // a write of it survived
};

class Loss {
 public:
  Loss(const SimulatedState& before, LossModel model, std::uint64_t seed)
      : before_(before), model_(model), random_(seed) {}

  SimulatedState Run() {
    if (model_ == LossModel::kOrderedPrefix) ChooseEnd();
    SimulatedState after = before_;
    after.entry_changes.clear();
    for (auto& [id, node] : after.nodes) {
      node.links = node.opens = 0;
      node.entries.clear();
    }
    ChangeEntries(after);
    KeepReachable(after, kRoot);
    for (auto entry = after.nodes.begin(); entry != after.nodes.end();) {
      const Node& node = entry->second;
      if (node.links == 0) after.KeepStale(node.disk);
      entry = node.links == 0 ? after.nodes.erase(entry) : std::next(entry);
    }
    return after;
  }

 private:
  void ChooseEnd() {
    std::vector<std::uint64_t> sequences;
    for (const EntryChange& change : before_.entry_changes) sequences.push_back(change.sequence);
    for (const auto& [id, node] : before_.nodes)
      for (const Change& change : node.changes) sequences.push_back(change.sequence);
    std::sort(sequences.begin(), sequences.end());
    const std::uint64_t end = random_.Below(sequences.size() + 1);
    end_ = end < sequences.size() ? sequences[end] : before_.next_sequence;
  }

  void ChangeEntries(SimulatedState& after) {
    const std::uint64_t eighths = random_.Below(9);
    for (const EntryChange& change : before_.entry_changes) {
      bool survives = model_ == LossModel::kEverythingKept;
      if (model_ == LossModel::kOrderedPrefix)
        survives = change.sequence < end_ || (change.sequence == end_ && random_.Below(2) == 0);
      if (model_ == LossModel::kRandomSectors)
        survives = random_.Below(8) < eighths && IsPossible(after, change);
      if (survives) Apply(after, change);
    }
  }

  // A name that has a file since an earlier change gives it up to that change's like only.
  static bool IsPossible(const SimulatedState& after, const EntryChange& change) {
    return std::all_of(change.effects.begin(), change.effects.end(),
                       [&](const EntryEffect& effect) {
                         const NodeId found = Find(after, effect);
                         return effect.after == 0 || found == 0 || found == effect.before;
                       });
  }

  void Apply(SimulatedState& after, const EntryChange& change) const {
    for (const EntryEffect& effect : change.effects) {
      Entries& entries = after.node(effect.folder).disk_entries;
      if (effect.after != 0) {
        entries[effect.name] = effect.after;
      } else if (model_ != LossModel::kRandomSectors || Find(after, effect) == effect.before) {
        entries.erase(effect.name);
      }
    }
  }

  static NodeId Find(const SimulatedState& after, const EntryEffect& effect) {
    const Entries& entries = after.node(effect.folder).disk_entries;
    const auto entry = entries.find(effect.name);
    return entry == entries.end() ? 0 : entry->second;
  }

  void KeepReachable(SimulatedState& after, NodeId id) {
    Node& node = after.node(id);
    if (node.links++ > 0) return;
    if (node.is_folder) {
      node.entries = node.disk_entries;
      for (const auto& [name, child] : node.disk_entries) KeepReachable(after, child);
      return;
    }
    node.disk = ContentAfter(before_.node(id));
    node.cache = node.disk;
    node.changes.clear();
  }

  Content ContentAfter(const Node& file) {
    Content content = file.disk;
    if (model_ == LossModel::kRandomSectors && !file.changes.empty()) {
      KeepSectors(file, content);
    } else if (model_ != LossModel::kNothingKept) {
      for (const Change& change : file.changes) {
        if (model_ != LossModel::kOrderedPrefix || change.sequence < end_) {
          change.ApplyTo(content);
        } else if (change.sequence == end_) {
          ApplyTorn(change, content);
        }
      }
    }
    content.Resize(content.size());
    return content;
  }

  void ApplyTorn(const Change& change, Content& content) {
    if (change.pages.empty()) {
      if (random_.Below(2) == 0) change.ApplyTo(content);
      return;
    }
    const std::uint64_t first = change.begin / kSectorBytes;
    const std::uint64_t sectors = (change.end - 1) / kSectorBytes + 1 - first;
    const std::uint64_t kept = random_.Below(sectors);
    if (kept == 0) return;
    Change torn = change;
    torn.end = (first + kept) * kSectorBytes;
    torn.size_after = std::max(content.size(), torn.end);
    torn.ApplyTo(content);
  }

  void KeepSectors(const Node& file, Content& content) {
    const std::uint64_t synced_bytes = content.size();
    // The changes before that one have set the size.
    const std::uint64_t sizes_end = random_.Below(file.changes.size() + 1);
    const std::uint64_t eighths = random_.Below(9);
    std::vector<PageFate> fates;
    for (std::uint64_t i = 0; i < file.changes.size(); ++i) {
      const Change& change = file.changes[i];
      if (change.kind == Change::Kind::kWrite) {
        KeepSectors(change, eighths, content, fates);
      } else if (i < sizes_end) {
        change.ApplyTo(content);
        SetFates(change, fates);
      }
    }
    const bool shows_garbage = random_.Below(4) == 0;
    for (std::uint64_t page = 0; shows_garbage && page < fates.size(); ++page) {
      const SectorMask unwritten = fates[page].allocated & ~fates[page].written;
      const std::uint64_t next_sector = (synced_bytes + kSectorBytes - 1) / kSectorBytes;
      const SectorMask grown = SectorsOf(page, next_sector * kSectorBytes, Content::kBytesMax);
      if (const SectorMask mask = unwritten & grown & random_.Sectors(4); mask != 0)
        content.Merge(page, Garbage(), mask);
    }
    content.Resize(sizes_end == 0 ? synced_bytes : file.changes[sizes_end - 1].size_after);
  }

  void KeepSectors(const Change& change, std::uint64_t eighths, Content& content,
                   std::vector<PageFate>& fates) {
    SetFates(change, fates);
    for (std::uint64_t i = 0; i < change.pages.size(); ++i) {
      const SectorMask survive = change.Sectors(i) & random_.Sectors(eighths);
      content.Merge(change.first_page() + i, change.pages[i], survive);
      fates[change.first_page() + i].written |= survive;
    }
  }

  static void SetFates(const Change& change, std::vector<PageFate>& fates) {
    if (change.kind == Change::Kind::kTruncate) {
      for (std::uint64_t page = change.size_after / kPageBytes; page < fates.size(); ++page) {
        const SectorMask kept = SectorsOf(page, 0, change.size_after);
        fates[page].allocated &= kept;
        fates[page].written &= kept;
      }
      return;
    }
    if (fates.size() < change.first_page() + change.page_count())
      fates.resize(change.first_page() + change.page_count());
    for (std::uint64_t i = 0; i < change.page_count(); ++i)
      fates[change.first_page() + i].allocated |= change.Sectors(i);
  }

  // A page of a file that is no more or, where there was none, of one that is.
  PagePtr Garbage() {
    if (!before_.stale.empty()) return before_.stale[random_.Below(before_.stale.size())];
    std::vector<PagePtr> pages;
    for (const auto& [id, node] : before_.nodes)
      for (std::uint64_t page = 0; page * kPageBytes < node.cache.size() && pages.size() < 64;
           ++page)
        if (node.cache.page(page)) pages.push_back(node.cache.page(page));
    return pages.empty() ? nullptr : pages[random_.Below(pages.size())];
  }

  const SimulatedState& before_;
  const LossModel model_;
  Random random_;
  std::uint64_t end_ = 0;  // of kOrderedPrefix: the sequence of the operation that is torn
};

}  // namespace

SimulatedState StateAfterPowerLoss(const SimulatedState& before, LossModel model,
                                   std::uint64_t seed) {
  return Loss(before, model, seed).Run();
}

}  // namespace daybook::test
