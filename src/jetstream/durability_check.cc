#include "jetstream/durability_check.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "jetstream/json_object.h"

namespace daybook::jetstream {
namespace {

using log::Durability;

// Older servers go on after a failed fsync, or do not sync what a quorum has agreed on.
constexpr std::pair<int, int> kVersionMin{2, 15};
constexpr std::uint64_t kReplicasMin = 3;

// "2.15.2"
std::pair<int, int> VersionOf(const std::string& text) {
  std::pair<int, int> version{0, 0};
  const char* const end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, version.first);
  if (major.ptr < end && *major.ptr == '.')
    (void)std::from_chars(major.ptr + 1, end, version.second);
  return version;
}

Result<SeenServer> ServerIn(const std::string& page) {
  rapidjson::Document document;
  document.Parse(page.data(), page.size());
  const JsonObject server(document);
  if (document.HasParseError() || server.Text("server_name").empty())
    return Status(StatusCode::kDamaged, "its /varz is none of a server of NATS");
  bool syncs_always = false;
  if (const rapidjson::Value* const jetstream = server.Find("jetstream"); jetstream != nullptr) {
    const rapidjson::Value* const config = JsonObject(*jetstream).Find("config");
    syncs_always = config != nullptr && JsonObject(*config).Bool("sync_always");
  }
  return SeenServer{server.Text("server_name"), server.Text("version"), syncs_always};
}

void Weaken(DurabilityFound& found, Durability durability, std::string weakness) {
  found.durability = std::min(found.durability, durability);
  found.weaknesses.push_back(std::move(weakness));
}

void CheckVersion(DurabilityFound& found, const std::string& server, const std::string& version) {
  if (VersionOf(version) >= kVersionMin) return;
  Weaken(found, Durability::kMemory,
         server + " is of version " + version + ": nats-server must be 2.15 or newer");
}

}  // namespace

std::string DurabilityFound::Text() const {
  std::string text;
  for (const std::string& weakness : weaknesses) text += (text.empty() ? "" : "; ") + weakness;
  return text;
}

std::vector<std::string> LookAtServers(const JetStreamOptions& options, SeenServers& seen) {
  std::vector<std::string> unread;
  for (const std::string& url : options.monitor_urls) {
    const Result<std::string> page = options.fetch_page(url, "/varz");
    const Result<SeenServer> server = page.ok() ? ServerIn(*page) : page.status();
    if (server.ok()) {
      seen[url] = *server;
    } else if (seen.find(url) == seen.end()) {
      unread.push_back("the monitoring at " + url +
                       " cannot be read: " + server.status().message());
    }
  }
  return unread;
}

DurabilityFound CheckServers(const SeenServers& seen) {
  DurabilityFound found;
  for (const auto& [url, server] : seen) {
    CheckVersion(found, server.name, server.version);
    if (server.syncs_always) continue;
    Weaken(found, Durability::kMemory,
           server.name + " (" + url + ") must have jetstream.sync_interval: always");
  }
  return found;
}

DurabilityFound CheckStream(const StreamInfo& info, const SeenServers& seen) {
  DurabilityFound found;
  if (info.replicas < kReplicasMin) {
    Weaken(found, Durability::kFsync,
           "the stream " + info.name + " has num_replicas " + std::to_string(info.replicas) +
               ": it must be 3 or more");
  }
  for (const std::string& misfit : info.misfits)
    Weaken(found, Durability::kMemory, "the stream " + info.name + ": " + misfit);
  if (const auto version = info.metadata.find("_nats.ver"); version != info.metadata.end())
    CheckVersion(found, "the leader of " + info.name, version->second);
  std::vector<std::string> names;
  if (!info.leader.empty()) names.push_back(info.leader);
  for (const Replica& replica : info.followers)
    if (!replica.silent) names.push_back(replica.name);
  for (const std::string& name : names) {
    const bool known = std::any_of(seen.begin(), seen.end(),
                                   [&](const auto& each) { return each.second.name == name; });
    if (known) continue;
    Weaken(found, Durability::kMemory,
           name + " has a replica of " + info.name +
               ", and nobody knows whether it syncs: nats-monitor-urls must name its monitoring");
  }
  // A server alone has no name here.
  if (info.leader.empty() && seen.empty()) {
    Weaken(found, Durability::kMemory,
           "nobody knows whether the server syncs: nats-monitor-urls must name its monitoring");
  }
  return found;
}

}  // namespace daybook::jetstream
