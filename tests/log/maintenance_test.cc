#include "log/maintenance.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace daybook::log {
namespace {

TEST(MaintenanceStore, EverythingIsUnavailableAndSaysWhy) {
  MaintenanceStore store;
  int told = 0;
  const auto unavailable = [&](const Status& status) {
    EXPECT_EQ(status.code(), StatusCode::kUnavailable);
    EXPECT_EQ(status.message(), "in maintenance: the logs are not open");
    ++told;
  };
  store.Find("default",
             [&](const Result<std::shared_ptr<Log>>& log) { unavailable(log.status()); });
  store.Create("a", {}, [&](const Result<Created>& created) { unavailable(created.status()); });
  store.List("", "", 1, [&](const Result<std::vector<std::shared_ptr<Log>>>& logs) {
    unavailable(logs.status());
  });
  EXPECT_EQ(told, 3);
  EXPECT_EQ(store.Checks().front().state, Check::State::kFailing);
}

}  // namespace
}  // namespace daybook::log
