#include "support/nats_servers.h"

#include <rapidjson/document.h>
#include <rapidjson/istreamwrapper.h>

#include <fstream>

namespace daybook::test {
namespace {

NatsServers ReadNats() {
  std::ifstream file(DAYBOOK_NATS);
  if (!file) return {"", {}, "no nats-server was started (run through ctest)"};
  rapidjson::IStreamWrapper stream(file);
  rapidjson::Document document;
  document.ParseStream(stream);
  if (!document.IsObject()) return {"", {}, DAYBOOK_NATS " is no JSON object"};
  const auto none = document.FindMember("none");
  if (none != document.MemberEnd()) return {"", {}, none->value.GetString()};
  NatsServers servers;
  servers.url = document["url"].GetString();
  for (const auto& url : document["monitor_urls"].GetArray()) {
    servers.monitor_urls.emplace_back(url.GetString());
  }
  return servers;
}

}  // namespace

const NatsServers& RunningNats() {
  static const NatsServers servers = ReadNats();
  return servers;
}

}  // namespace daybook::test
