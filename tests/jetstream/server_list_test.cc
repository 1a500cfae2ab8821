#include "jetstream/server_list.h"

#include <gtest/gtest.h>

#include <set>

namespace daybook::jetstream {
namespace {

TEST(ServerList, GoesRoundThoseThatWereNamed) {
  ServerList list({"a", "b", "c"});
  for (int round = 0; round < 3; ++round) {
    std::set<std::string> tried;
    for (int i = 0; i < 3; ++i) {
      tried.insert(list.Next());
      EXPECT_EQ(list.round_is_over(), i == 2);
    }
    EXPECT_EQ(tried, (std::set<std::string>{"a", "b", "c"}));
  }
}

TEST(ServerList, TriesWhatTheLastServerKnewAfterIt) {
  ServerList list({"a"});
  EXPECT_EQ(list.Next(), "a");
  list.Learn({"b", "c"});
  EXPECT_EQ(list.Next(), "b");
  list.Learn({"a", "d"});  // c is gone
  EXPECT_EQ(list.Next(), "d");
  EXPECT_TRUE(list.round_is_over());
  EXPECT_EQ(list.Next(), "a");
  EXPECT_EQ(list.Next(), "b");
}

}  // namespace
}  // namespace daybook::jetstream
