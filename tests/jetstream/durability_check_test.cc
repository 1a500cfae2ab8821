#include "jetstream/durability_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

namespace daybook::jetstream {
namespace {

using log::Durability;
using testing::HasSubstr;

class DurabilityCheckTest : public testing::Test {
 protected:
  DurabilityCheckTest() {
    info_.name = "s";
    info_.replicas = 3;
    info_.leader = "n1";
    info_.followers = {{"n2", false, 0}, {"n3", false, 0}};
    info_.metadata["_nats.ver"] = "2.15.2";
    for (const char* name : {"n1", "n2", "n3"}) {
      options_.monitor_urls.push_back(std::string("http://") + name);
      pages_[options_.monitor_urls.back()] = Page(name, "2.15.2", true);
    }
    options_.fetch_page = [this](const std::string& url,
                                 const std::string& path) -> Result<std::string> {
      EXPECT_EQ(path, "/varz");
      const auto page = pages_.find(url);
      if (page == pages_.end()) return Status(StatusCode::kUnavailable, "connection refused");
      return page->second;
    };
  }

  static std::string Page(const std::string& name, const std::string& version, bool always) {
    return R"({"server_name":")" + name + R"(","version":")" + version +
           R"(","jetstream":{"config":{"max_memory":1,"sync_interval":120000000000)" +
           (always ? R"(,"sync_always":true)" : "") + "}}}";
  }
  // Of the servers, and of the stream at them.
  DurabilityFound CheckAll() {
    unread_ = LookAtServers(options_, seen_);
    const DurabilityFound servers = CheckServers(seen_);
    DurabilityFound found = CheckStream(info_, seen_);
    found.durability = std::min(found.durability, servers.durability);
    found.weaknesses.insert(found.weaknesses.end(), servers.weaknesses.begin(),
                            servers.weaknesses.end());
    return found;
  }
  void ExpectWeaker(Durability durability, const std::string& named) {
    const DurabilityFound found = CheckAll();
    EXPECT_EQ(found.durability, durability);
    EXPECT_THAT(found.Text(), HasSubstr(named));
  }

  StreamInfo info_;
  JetStreamOptions options_;
  std::map<std::string, std::string> pages_;
  SeenServers seen_;
  std::vector<std::string> unread_;  // of the last look
};

TEST_F(DurabilityCheckTest, ThreeReplicasThatSyncAlwaysAreAQuorum) {
  const DurabilityFound found = CheckAll();
  EXPECT_EQ(found.durability, Durability::kQuorum);
  EXPECT_EQ(found.Text(), "");
}

TEST_F(DurabilityCheckTest, FewerReplicasAreThatOfADisk) {
  info_.replicas = 1;
  info_.followers.clear();
  ExpectWeaker(Durability::kFsync, "num_replicas 1");
}

TEST_F(DurabilityCheckTest, AServerThatSyncsNowAndThenIsNamed) {
  pages_["http://n2"] = Page("n2", "2.15.2", false);
  ExpectWeaker(Durability::kMemory, "n2 (http://n2) must have jetstream.sync_interval: always");
}

TEST_F(DurabilityCheckTest, WhatCannotBeReadCountsAsWeaker) {
  for (const char* page : {"", "<html>", "[]"}) {
    pages_["http://n3"] = page;
    if (*page == '\0') pages_.erase("http://n3");
    ExpectWeaker(Durability::kMemory, "n3 has a replica of s, and nobody knows whether it syncs");
    EXPECT_THAT(unread_, testing::ElementsAre(HasSubstr("http://n3 cannot be read")));
  }
}

TEST_F(DurabilityCheckTest, AServerThatIsDownSaysWhatItSaidBefore) {
  EXPECT_EQ(CheckAll().Text(), "");
  pages_.erase("http://n3");
  EXPECT_EQ(CheckAll().Text(), "");
  EXPECT_TRUE(unread_.empty());
}

TEST_F(DurabilityCheckTest, ASilentReplicaAcknowledgesNothing) {
  pages_.erase("http://n3");
  info_.followers[1].silent = true;
  EXPECT_EQ(CheckAll().durability, Durability::kQuorum);
  info_.followers[1].silent = false;
  ExpectWeaker(Durability::kMemory, "n3 has a replica");
}

TEST_F(DurabilityCheckTest, EveryServerWithAReplicaIsToBeNamed) {
  options_.monitor_urls.pop_back();
  ExpectWeaker(Durability::kMemory, "nats-monitor-urls must name its monitoring");
  options_.monitor_urls.clear();
  info_.leader.clear();
  info_.followers.clear();
  seen_.clear();
  ExpectWeaker(Durability::kMemory, "nats-monitor-urls must name its monitoring");
}

TEST_F(DurabilityCheckTest, AnOlderServerIsNamed) {
  pages_["http://n1"] = Page("n1", "2.14.9", true);
  ExpectWeaker(Durability::kMemory, "n1 is of version 2.14.9");
  for (const char* version : {"2.9.1", "1.99.0", "", "unknown"}) {
    info_.metadata["_nats.ver"] = version;
    ExpectWeaker(Durability::kMemory, "the leader of s");
  }
  info_.metadata["_nats.ver"] = "3.0.0";
  pages_["http://n1"] = Page("n1", "2.16.0-RC.1", true);
  EXPECT_EQ(CheckAll().durability, Durability::kQuorum);
}

TEST_F(DurabilityCheckTest, WhatIsSetAgainstThePromiseIsNamed) {
  info_.misfits = {"deny_delete must be true"};
  ExpectWeaker(Durability::kMemory, "the stream s: deny_delete must be true");
}

}  // namespace
}  // namespace daybook::jetstream
