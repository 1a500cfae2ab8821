// The keeper of a JetStreamStore: a thread that sees to it that NATS is in reach and promises what
// it must.

#include <algorithm>
#include <array>
#include <utility>

#include "base/logging.h"
#include "jetstream/jetstream_store.h"
#include "jetstream/stream_settings.h"

namespace daybook::jetstream {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kProbeInterval{1'000};
constexpr milliseconds kConnectedInterval{20};  // in which it is seen that there is a connection
constexpr milliseconds kCheckInterval{30'000};
constexpr milliseconds kReclaimInterval{300'000};

}  // namespace

void JetStreamStore::Keep() {
  for (;;) {
    const Status reached = Probe();
    const MutexLock lock(mutex_);
    if (reached.ok() != failure_.ok() && prepared_) {
      logging::Log(reached.ok() ? logging::Level::kInfo : logging::Level::kWarn,
                   reached.ok() ? "NATS is in reach again" : "NATS is out of reach",
                   std::array{logging::Field("detail", reached.message())});
    }
    prepared_ = prepared_ || reached.ok();
    failure_ = reached.ok() ? reached : Status(StatusCode::kUnavailable, reached.message());
    readiness_.Note(reached.ok(), Connection::Clock::now());
    changed_.NotifyAll();
    const milliseconds interval = connection_->connected() ? kProbeInterval : kConnectedInterval;
    if (!stopping_) (void)changed_.WaitUntil(mutex_, Connection::Clock::now() + interval);
    if (stopping_) return;
  }
}

Status JetStreamStore::Probe() {
  if (!connection_->connected()) {
    return {StatusCode::kUnavailable,
            "there is no connection to NATS: " + connection_->last_error()};
  }
  if (!Prepared().ok()) {
    if (Status prepared = Prepare(); !prepared.ok()) return prepared;
  }
  const Result<StreamInfo> catalogue = api_.InfoAndWait(names_.CatalogueStream());
  if (!catalogue.ok()) return catalogue.status();
  const auto now = Connection::Clock::now();
  const bool is_new =
      std::exchange(checked_connects_, connection_->connects()) != connection_->connects();
  if (is_new) Refresh();
  if (is_new || now - checked_ > kCheckInterval || is_weak()) {
    CheckDurability(*catalogue);
    checked_ = now;
  }
  if (now - reclaimed_ > kReclaimInterval) {
    workers_.Run([this, under_way = operations_.Begin()] { ReclaimAll(); });
    reclaimed_ = now;
  }
  return {};
}

Status JetStreamStore::Prepare() {
  Result<StreamInfo> info = api_.InfoAndWait(names_.CatalogueStream());
  if (info.status().code() == StatusCode::kLogDeleted)
    info = api_.CreateAndWait(CatalogueSpec(options_, names_));
  if (!info.ok()) return info.status();
  return MakeOrFind(std::string(log::kDefaultLog), {}).status();
}

void JetStreamStore::CheckDurability(const StreamInfo& catalogue) {
  SeenServers seen;
  {
    const MutexLock lock(mutex_);
    seen = seen_servers_;
  }
  const std::vector<std::string> unread = LookAtServers(options_, seen);
  const DurabilityFound servers = CheckServers(seen);
  DurabilityFound found = CheckStream(catalogue, seen);
  found.durability = std::min(found.durability, servers.durability);
  found.weaknesses.insert(found.weaknesses.end(), servers.weaknesses.begin(),
                          servers.weaknesses.end());
  // Why something is not known.
  if (!found.weaknesses.empty())
    found.weaknesses.insert(found.weaknesses.end(), unread.begin(), unread.end());
  const std::string text = found.Text();
  const MutexLock lock(mutex_);
  seen_servers_ = std::move(seen);
  if (text != found_weakness_) {
    found_weakness_ = text;
    if (text.empty()) {
      logging::Info("NATS promises what it must");
    } else if (options_.allow_weaker_durability) {
      logging::Warn("NATS promises less than it must, as is allowed", {{"weaker", text}});
    } else {
      logging::Error("appends are refused, for NATS promises less than it must",
                     {{"to_change", text}});
    }
  }
  weakness_ = options_.allow_weaker_durability ? "" : text;
  durability_ = found.durability;
}

std::string JetStreamStore::WeaknessOf(const StreamInfo& info) {
  const MutexLock lock(mutex_);
  const DurabilityFound found = CheckStream(info, seen_servers_);
  if (options_.allow_weaker_durability) {
    durability_ = std::min(durability_.load(), found.durability);
    return "";
  }
  return found.Text();
}

bool JetStreamStore::is_weak() const {
  const MutexLock lock(mutex_);
  return !weakness_.empty();
}

void JetStreamStore::Refresh() {
  std::map<std::string, LogPtr, std::less<>> known;
  {
    const MutexLock lock(mutex_);
    known = logs_;
  }
  std::vector<std::string> names;
  names.reserve(known.size());
  for (const auto& [name, log] : known) names.push_back(name);
  const auto entries = catalogue_.FindAll(names);
  if (!entries.ok()) return;
  for (const auto& [name, log] : known) {
    // What is not there is asked for anew.
    if (const auto entry = entries->find(name); entry != entries->end()) {
      (void)Know(name, entry->second);
    } else {
      Forget(*log);
    }
  }
}

void JetStreamStore::ReclaimAll() {
  const auto names = catalogue_.LogNames();
  if (!names.ok()) return;
  const auto entries = catalogue_.FindAll(*names);
  if (!entries.ok()) return;
  for (const auto& [name, entry] : *entries) {
    if (closed_) return;
    if (entry.first_offset > Offset(0)) Know(name, entry)->Reclaim();
  }
}

}  // namespace daybook::jetstream
