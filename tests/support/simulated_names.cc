// The part of SimulatedState that deals with names.
#include <algorithm>
#include <cerrno>
#include <iterator>
#include <set>
#include <utility>

#include "base/check.h"
#include "support/simulated_state.h"

namespace daybook::test {
namespace {

std::string_view TakeName(std::string_view& path) {
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  const std::string_view name = path.substr(0, path.find('/'));
  path.remove_prefix(name.size());
  return name;
}

}  // namespace

int SimulatedState::Locate(std::string_view path, Place& place) const {
  place = {0, "", kRoot};
  for (std::string_view name = TakeName(path); !name.empty(); name = TakeName(path)) {
    if (name == ".") continue;
    CHECK(name != "..", "a simulated path leads down only");
    if (place.node == 0) return ENOENT;
    const Node& folder = node(place.node);
    if (!folder.is_folder) return ENOTDIR;
    const auto entry = folder.entries.find(name);
    place = {place.node, std::string(name), entry == folder.entries.end() ? 0 : entry->second};
  }
  return 0;
}

int SimulatedState::LocateFolder(std::string_view path, NodeId& folder) const {
  Place place;
  if (const int error = Locate(path, place); error != 0) return error;
  if (place.node == 0) return ENOENT;
  folder = place.node;
  return node(folder).is_folder ? 0 : ENOTDIR;
}

int SimulatedState::MakeFolder(std::string_view path) {
  Place place;
  if (const int error = Locate(path, place); error != 0) return error;
  if (place.node != 0) return node(place.node).is_folder ? 0 : EEXIST;
  ChangeEntries({{place.folder, place.name, 0, MakeNode(true)}});
  return 0;
}

int SimulatedState::Rename(std::string_view from, std::string_view to) {
  Place old_place;
  Place new_place;
  if (const int error = Locate(from, old_place); error != 0) return error;
  if (const int error = Locate(to, new_place); error != 0) return error;
  const NodeId moved = old_place.node;
  const NodeId replaced = new_place.node;
  if (moved == 0) return ENOENT;
  if (old_place.folder == 0 || new_place.folder == 0) return EBUSY;
  if (to.starts_with(std::string(from) + "/")) return EINVAL;
  if (moved == replaced) return 0;
  if (replaced != 0) {
    if (node(moved).is_folder && !node(replaced).is_folder) return ENOTDIR;
    if (!node(moved).is_folder && node(replaced).is_folder) return EISDIR;
    if (!node(replaced).entries.empty()) return ENOTEMPTY;
  }
  ChangeEntries({{old_place.folder, old_place.name, moved, 0},
                 {new_place.folder, new_place.name, replaced, moved}});
  return 0;
}

int SimulatedState::Remove(std::string_view path) {
  Place place;
  if (const int error = Locate(path, place); error != 0) return error;
  if (place.node == 0) return ENOENT;
  if (place.folder == 0) return EBUSY;
  if (!node(place.node).entries.empty()) return ENOTEMPTY;
  ChangeEntries({{place.folder, place.name, place.node, 0}});
  return 0;
}

int SimulatedState::Link(std::string_view from, std::string_view to) {
  Place old_place;
  Place new_place;
  if (const int error = Locate(from, old_place); error != 0) return error;
  if (old_place.node == 0) return ENOENT;
  if (const int error = Locate(to, new_place); error != 0) return error;
  if (new_place.node != 0) return EEXIST;
  if (node(old_place.node).is_folder) return EPERM;
  ChangeEntries({{new_place.folder, new_place.name, 0, old_place.node}});
  return 0;
}

NodeId SimulatedState::MakeNode(bool is_folder) {
  nodes[next_node_].is_folder = is_folder;
  return next_node_++;
}

void SimulatedState::ChangeEntries(std::vector<EntryEffect> effects) {
  for (const EntryEffect& effect : effects) {
    Entries& entries = node(effect.folder).entries;
    if (effect.before != 0) --node(effect.before).links;
    if (effect.after != 0) {
      entries[effect.name] = effect.after;
      ++node(effect.after).links;
    } else {
      entries.erase(effect.name);
    }
  }
  entry_changes.push_back({next_sequence++, std::move(effects)});
}

// Those of the folder and, so that no change is torn from what it stands on, those before them of
// any name that they touch: a rename out of another folder takes with it what happened there to the
// name that it took away.
std::vector<EntryChange> SimulatedState::TakeChanges(NodeId folder) {
  std::set<std::pair<NodeId, std::string>> names;
  std::vector<EntryChange> taken;
  std::vector<EntryChange> left;
  for (auto change = entry_changes.rbegin(); change != entry_changes.rend(); ++change) {
    const bool takes =
        std::any_of(change->effects.begin(), change->effects.end(), [&](const EntryEffect& effect) {
          return effect.folder == folder || names.count({effect.folder, effect.name}) > 0;
        });
    if (takes)
      for (const EntryEffect& effect : change->effects) names.emplace(effect.folder, effect.name);
    (takes ? taken : left).push_back(std::move(*change));
  }
  entry_changes.assign(std::move_iterator(left.rbegin()), std::move_iterator(left.rend()));
  std::reverse(taken.begin(), taken.end());
  return taken;
}

void SimulatedState::SyncFolder(NodeId folder) {
  for (const EntryChange& change : TakeChanges(folder)) {
    for (const EntryEffect& effect : change.effects) {
      Entries& entries = node(effect.folder).disk_entries;
      if (effect.after != 0) {
        entries[effect.name] = effect.after;
      } else {
        entries.erase(effect.name);
      }
    }
  }
  CollectGarbage();
}

void SimulatedState::LoseEntries(NodeId folder) { TakeChanges(folder); }

void SimulatedState::CollectGarbage() {
  const auto dead = [](const auto& entry) {
    return entry.second.links == 0 && entry.second.opens == 0;
  };
  if (std::none_of(nodes.begin(), nodes.end(), dead)) return;
  std::set<NodeId> named;
  for (const auto& [id, node] : nodes)
    for (const auto& [name, child] : node.disk_entries) named.insert(child);
  for (const EntryChange& change : entry_changes)
    for (const EntryEffect& effect : change.effects)
      named.insert({effect.before, effect.after, effect.folder});
  for (auto entry = nodes.begin(); entry != nodes.end();) {
    if (dead(*entry) && named.count(entry->first) == 0) {
      KeepStale(entry->second.cache);
      entry = nodes.erase(entry);
    } else {
      ++entry;
    }
  }
}

}  // namespace daybook::test
