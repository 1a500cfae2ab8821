// SimulatedState: all that a SimulatedFileSystem holds, apart from who has it open: nodes, which
// are files and folders, and the names that folders give them; each as the page cache has it, which
// is what calls see, and as the disk has it.
//
// A value: a copy is cheap, for pages are shared. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/simulated_content.h"

namespace daybook::test {

using NodeId = std::uint64_t;  // 0: none
using Entries = std::map<std::string, NodeId, std::less<>>;

constexpr NodeId kRoot = 1;

struct Node {
  bool is_folder = false;
  int links = 0;  // how many names the cache has for it
  int opens = 0;  // how many Files

  // Of a folder.
  Entries entries;
  Entries disk_entries;

  // Of a file.
  Content cache;
  Content disk;
  std::vector<Change> changes;  // what leads from `disk` to `cache`, apart from what syncs lost
};

// Of one name. Applying it gives `after` to the name, or removes it.
struct EntryEffect {
  NodeId folder;
  std::string name;
  NodeId before;
  NodeId after;
};

// A change to names that the disk does not have yet: it happens as a whole or not at all.
struct EntryChange {
  std::uint64_t sequence;
  std::vector<EntryEffect> effects;
};

// What a path leads to.
struct Place {
  NodeId folder = 0;  // 0: the path is the root
  std::string name;
  NodeId node = 0;  // 0: there is no such name in the folder
};

class SimulatedState {
 public:
  SimulatedState();

  // Returns an errno, or 0. A missing last name is no error.
  int Locate(std::string_view path, Place& place) const;
  Node& node(NodeId id) { return nodes.at(id); }
  const Node& node(NodeId id) const { return nodes.at(id); }

  // Files. `position` and the bytes behind it are below Content::kBytesMax.
  void Write(Node& file, std::uint64_t position, std::string_view bytes);
  void Reserve(Node& file, std::uint64_t position, std::uint64_t bytes);
  void Truncate(Node& file, std::uint64_t bytes);
  static void Sync(Node& file);
  // Forgets what was written since the last sync, apart from the first half of its sectors if
  // `half_is_kept`; sizes, truncations and reservations still wait for the next.
  static void LoseWrites(Node& file, bool half_is_kept);
  // The cache takes from the disk what does not wait for a sync.
  static void Evict(Node& file);
  // The first bytes of that range that may be written or reserved for want of no page.
  std::uint64_t Fitting(const Node& file, std::uint64_t position, std::uint64_t bytes) const;
  std::uint64_t FreeBytes() const;

  // Names. Each of the first five returns an errno, or 0.
  int LocateFolder(std::string_view path, NodeId& folder) const;
  int MakeFolder(std::string_view path);
  int Rename(std::string_view from, std::string_view to);
  int Remove(std::string_view path);
  int Link(std::string_view from, std::string_view to);
  NodeId MakeNode(bool is_folder);
  void ChangeEntries(std::vector<EntryEffect> effects);
  // Carries the folder's changes to the disk, with what happened before them to the same names.
  void SyncFolder(NodeId folder);
  // As SyncFolder(), but what would be carried is forgotten: the disk never gets it.
  void LoseEntries(NodeId folder);
  // Gives up the nodes that neither cache nor disk can reach.
  void CollectGarbage();
  // Keeps pages of a file that goes, to be found where a disk shows what it held before.
  void KeepStale(const Content& content);

  std::map<NodeId, Node> nodes;
  std::vector<EntryChange> entry_changes;
  std::vector<PagePtr> stale;
  std::uint64_t next_sequence = 1;
  std::optional<std::uint64_t> capacity_bytes;
  bool no_reserve = false;
  bool no_whole_sync = false;

 private:
  std::vector<EntryChange> TakeChanges(NodeId folder);

  NodeId next_node_ = kRoot;
  std::size_t stale_kept_ = 0;
};

}  // namespace daybook::test
