#include "support/simulated_file_system.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "base/posix_error.h"
#include "support/simulated_file.h"
#include "support/simulated_power_loss.h"

namespace daybook::test {
namespace {

Status PowerIsCut(const std::string& what) {
  return {StatusCode::kIo, what + ": the power is cut"};
}

Status NotFoundOrError(const std::string& what, int error) {
  const Status status = PosixError(what, error);
  return error == ENOENT ? Status(StatusCode::kNotFound, status.message()) : status;
}

void AppendFiles(const SimulatedState& state, NodeId folder, const std::string& path,
                 std::vector<std::string>& files) {
  for (const auto& [name, child] : state.node(folder).entries) {
    const std::string child_path = std::string(path).append("/").append(name);
    if (state.node(child).is_folder) {
      AppendFiles(state, child, child_path, files);
    } else {
      files.push_back(child_path);
    }
  }
}

}  // namespace

// As the File is to its file, to all of them.
class SimulatedWholeSync final : public WholeSync {
 public:
  explicit SimulatedWholeSync(SimulatedFileSystem& files) EXCLUSIVE_LOCKS_REQUIRED(files.mutex_)
      : files_(files) {
    files_.whole_syncs_[this] = 0;
  }
  ~SimulatedWholeSync() override {
    const MutexLock lock(files_.mutex_);
    files_.whole_syncs_.erase(this);
  }

  bool Covers(const std::string& path) const override {
    const MutexLock lock(files_.mutex_);
    Place place;
    if (files_.state_.Locate(path, place) != 0) return false;
    return files_.Elsewhere().count(place.node) == 0;
  }

  Status Sync() override {
    const std::string what = "cannot sync the file system";
    const MutexLock lock(files_.mutex_);
    const auto step = files_.Begin("WholeSync");
    if (step.refused || step.cut) return PowerIsCut(what);
    std::vector<NodeId> folders;
    const std::set<NodeId> elsewhere = files_.Elsewhere();
    for (auto& [id, node] : files_.state_.nodes) {
      if (elsewhere.count(id) > 0) continue;
      if (node.is_folder) {
        folders.push_back(id);
      } else if (step.failure) {
        files_.FailSync(id, step);
      } else {
        SimulatedState::Sync(node);
      }
    }
    const int error = std::exchange(files_.whole_syncs_.at(this), 0);
    if (error != 0) return PosixError(what, error);
    // What one of them carries may take another away.
    for (const NodeId folder : folders)
      if (files_.state_.nodes.count(folder) > 0) files_.state_.SyncFolder(folder);
    return {};
  }

 private:
  SimulatedFileSystem& files_;
};

int SimulatedFileSystem::Step::error() const {
  if (!failure) return 0;
  switch (*failure) {
    case Failure::kIoError:
    case Failure::kShortWrite:
      return EIO;
    case Failure::kNoSpace:
      return ENOSPC;
    case Failure::kQuota:
      return EDQUOT;
  }
  CHECK(false, "an unknown failure");
}

SimulatedFileSystem::SimulatedFileSystem(SimulatedState state) : state_(std::move(state)) {}

SimulatedFileSystem::~SimulatedFileSystem() {
  const MutexLock lock(mutex_);
  CHECK(open_files_.empty(), "a file system must outlive its Files");
}

SimulatedFileSystem::Step SimulatedFileSystem::Begin(std::string operation) {
  const std::uint64_t number = operations_.size();
  operations_.push_back(std::move(operation));
  Step step;
  step.refused = power_is_cut_;
  step.cut = !power_is_cut_ && cut_at_ == number;
  power_is_cut_ = step.refused || step.cut;
  const auto failure = failures_.find(number);
  if (!power_is_cut_ && failure != failures_.end()) step.failure = failure->second;
  return step;
}

template <typename Change>
Status SimulatedFileSystem::ChangeNames(const std::string& operation, const std::string& what,
                                        Change change) {
  const Step step = Begin(operation);
  if (step.refused) return PowerIsCut(what);
  const int error = step.failure ? step.error() : change(state_);
  if (step.cut) return PowerIsCut(what);
  return error == 0 ? Status() : NotFoundOrError(what, error);
}

Result<std::unique_ptr<File>> SimulatedFileSystem::Open(const std::string& path, Mode mode) {
  const std::string what = "cannot open " + path;
  const MutexLock lock(mutex_);
  if (power_is_cut_) return PowerIsCut(what);
  Place place;
  int error = state_.Locate(path, place);
  if (error == 0 && place.node == 0 && (mode == Mode::kRead || mode == Mode::kReadWrite))
    error = ENOENT;
  if (error == 0 && place.node != 0 && mode == Mode::kCreate) error = EEXIST;
  if (error == 0 && place.node != 0 && state_.node(place.node).is_folder) error = EISDIR;
  if (error != 0) return NotFoundOrError(what, error);
  if (place.node == 0) {
    const Step step = Begin("Open " + path);
    if (step.failure) return PosixError(what, step.error());
    place.node = state_.MakeNode(false);
    state_.ChangeEntries({{place.folder, place.name, 0, place.node}});
    if (step.cut) return PowerIsCut(what);
  }
  return std::unique_ptr<File>(
      std::make_unique<SimulatedFile>(*this, path, place.node, mode != Mode::kRead));
}

Status SimulatedFileSystem::MakeFolder(const std::string& path) {
  const MutexLock lock(mutex_);
  return ChangeNames("MakeFolder " + path, "cannot make folder " + path,
                     [&](SimulatedState& state) { return state.MakeFolder(path); });
}

void SimulatedFileSystem::HoldSyncs(bool held) {
  const MutexLock lock(mutex_);
  syncs_held_ = held;
  syncs_let_go_.NotifyAll();
}

Status SimulatedFileSystem::SyncFolder(const std::string& path) {
  const std::string what = "cannot sync folder " + path;
  const MutexLock lock(mutex_);
  const Step step = Begin("SyncFolder " + path);
  if (step.refused || step.cut) return PowerIsCut(what);
  NodeId folder = 0;
  if (const int error = state_.LocateFolder(path, folder); error != 0)
    return PosixError(what, error);
  if (step.failure) {
    state_.LoseEntries(folder);
    return PosixError(what, step.error());
  }
  state_.SyncFolder(folder);
  return {};
}

Result<std::vector<std::string>> SimulatedFileSystem::List(const std::string& path) {
  const std::string what = "cannot list " + path;
  const MutexLock lock(mutex_);
  if (power_is_cut_) return PowerIsCut(what);
  NodeId folder = 0;
  if (const int error = state_.LocateFolder(path, folder); error != 0)
    return NotFoundOrError(what, error);
  std::vector<std::string> names;
  for (const auto& [name, child] : state_.node(folder).entries) names.push_back(name);
  return names;
}

Status SimulatedFileSystem::Rename(const std::string& from, const std::string& to) {
  const MutexLock lock(mutex_);
  return ChangeNames("Rename " + from + " to " + to, "cannot rename " + from + " to " + to,
                     [&](SimulatedState& state) { return state.Rename(from, to); });
}

Status SimulatedFileSystem::Remove(const std::string& path) {
  const MutexLock lock(mutex_);
  return ChangeNames("Remove " + path, "cannot remove " + path,
                     [&](SimulatedState& state) { return state.Remove(path); });
}

Status SimulatedFileSystem::Link(const std::string& from, const std::string& to) {
  const MutexLock lock(mutex_);
  return ChangeNames("Link " + from + " to " + to, "cannot link " + from + " to " + to,
                     [&](SimulatedState& state) { return state.Link(from, to); });
}

Result<std::unique_ptr<WholeSync>> SimulatedFileSystem::BeginWholeSync(const std::string& path) {
  const std::string what = "cannot open " + path;
  const MutexLock lock(mutex_);
  if (power_is_cut_) return PowerIsCut(what);
  Place place;
  int error = state_.Locate(path, place);
  if (error == 0 && place.node == 0) error = ENOENT;
  if (error != 0) return NotFoundOrError(what, error);
  std::unique_ptr<WholeSync> sync;
  if (!state_.no_whole_sync) sync = std::make_unique<SimulatedWholeSync>(*this);
  return sync;
}

std::set<NodeId> SimulatedFileSystem::Elsewhere() const {
  std::set<NodeId> nodes;
  NodeId folder = 0;
  if (elsewhere_.empty() || state_.LocateFolder(elsewhere_, folder) != 0) return nodes;
  nodes.insert(folder);
  for (const auto& [name, child] : state_.node(folder).entries) nodes.insert(child);
  return nodes;
}

void SimulatedFileSystem::FailSync(NodeId file, const Step& step) {
  SimulatedState::LoseWrites(state_.node(file), step.half());
  for (auto& [opened, open] : open_files_)
    if (open.node == file) open.untold_error = step.error();
  for (auto& [sync, untold_error] : whole_syncs_) untold_error = step.error();
}

Result<std::uint64_t> SimulatedFileSystem::FreeBytes(const std::string& path) {
  const std::string what = "cannot tell the free space of " + path;
  const MutexLock lock(mutex_);
  if (power_is_cut_) return PowerIsCut(what);
  Place place;
  int error = state_.Locate(path, place);
  if (error == 0 && place.node == 0) error = ENOENT;
  if (error != 0) return PosixError(what, error);
  return state_.FreeBytes();
}

std::uint64_t SimulatedFileSystem::operations() const {
  const MutexLock lock(mutex_);
  return operations_.size();
}

std::string SimulatedFileSystem::OperationName(std::uint64_t operation) const {
  const MutexLock lock(mutex_);
  CHECK(operation < operations_.size(), "there was no such operation");
  return operations_[operation];
}

void SimulatedFileSystem::CutPowerAt(std::uint64_t operation) {
  const MutexLock lock(mutex_);
  CHECK(operation >= operations_.size(), "that operation was already");
  cut_at_ = operation;
}

void SimulatedFileSystem::FailOperation(std::uint64_t operation, Failure failure) {
  const MutexLock lock(mutex_);
  CHECK(operation >= operations_.size(), "that operation was already");
  failures_[operation] = failure;
}

void SimulatedFileSystem::SetCapacity(std::uint64_t bytes) {
  const MutexLock lock(mutex_);
  state_.capacity_bytes = bytes;
}

void SimulatedFileSystem::NoReserve(bool no_reserve) {
  const MutexLock lock(mutex_);
  state_.no_reserve = no_reserve;
}

void SimulatedFileSystem::NoWholeSync(bool no_whole_sync) {
  const MutexLock lock(mutex_);
  state_.no_whole_sync = no_whole_sync;
}

void SimulatedFileSystem::SetElsewhere(const std::string& folder) {
  const MutexLock lock(mutex_);
  elsewhere_ = folder;
}

void SimulatedFileSystem::EvictCleanPages() {
  const MutexLock lock(mutex_);
  for (auto& [id, node] : state_.nodes)
    if (!node.is_folder) SimulatedState::Evict(node);
}

std::unique_ptr<SimulatedFileSystem> SimulatedFileSystem::AfterPowerLoss(LossModel model,
                                                                         std::uint64_t seed) const {
  const MutexLock lock(mutex_);
  return std::unique_ptr<SimulatedFileSystem>(
      new SimulatedFileSystem(StateAfterPowerLoss(state_, model, seed)));
}

std::unique_ptr<SimulatedFileSystem> SimulatedFileSystem::Clone() const {
  const MutexLock lock(mutex_);
  SimulatedState copy = state_;
  for (auto& [id, node] : copy.nodes) node.opens = 0;
  copy.CollectGarbage();
  return std::unique_ptr<SimulatedFileSystem>(new SimulatedFileSystem(std::move(copy)));
}

std::vector<std::string> SimulatedFileSystem::Files() const {
  const MutexLock lock(mutex_);
  std::vector<std::string> files;
  AppendFiles(state_, kRoot, "", files);
  std::sort(files.begin(), files.end());
  return files;
}

NodeId SimulatedFileSystem::FileAt(const std::string& path) const {
  Place place;
  const bool found = state_.Locate(path, place) == 0 && place.node != 0;
  CHECK(found && !state_.node(place.node).is_folder, "there is no file " + path);
  return place.node;
}

std::string SimulatedFileSystem::Contents(const std::string& path) const {
  const MutexLock lock(mutex_);
  const Content& content = state_.node(FileAt(path)).cache;
  std::string bytes(content.size(), '\0');
  content.Read(0, bytes);
  return bytes;
}

void SimulatedFileSystem::SetContents(const std::string& path, std::string_view bytes) {
  const MutexLock lock(mutex_);
  Place place;
  const int error = state_.Locate(path, place);
  CHECK(error == 0, "there is no folder for " + path);
  if (place.node == 0) {
    place.node = state_.MakeNode(false);
    state_.ChangeEntries({{place.folder, place.name, 0, place.node}});
    state_.SyncFolder(place.folder);
  }
  Content content;
  content.Write(0, bytes);
  PutContent(FileAt(path), std::move(content));
}

void SimulatedFileSystem::FlipBit(const std::string& path, std::uint64_t bit) {
  const MutexLock lock(mutex_);
  const NodeId file = FileAt(path);
  Content content = state_.node(file).cache;
  CHECK(bit / 8 < content.size(), "there is no such bit in " + path);
  char byte = 0;
  content.Read(bit / 8, {&byte, 1});
  byte = static_cast<char>(byte ^ (1 << (bit % 8)));
  content.Write(bit / 8, {&byte, 1});
  PutContent(file, std::move(content));
}

void SimulatedFileSystem::PutContent(NodeId file, Content content) {
  Node& node = state_.node(file);
  node.changes.clear();
  node.disk = content;
  node.cache = std::move(content);
}

}  // namespace daybook::test
