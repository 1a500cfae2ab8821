#include "app/access_log.h"

#include <gtest/gtest.h>

#include <string>

namespace daybook::app {
namespace {

const std::string kTrace = "0af7651916cd43dd8448eb211c80319c";
const std::string kParent = "b7ad6b7169203331";

TEST(TraceParent, IsReadByItsForm) {
  for (const std::string& text :
       {"00-" + kTrace + "-" + kParent + "-01", "cc-" + kTrace + "-" + kParent + "-00",
        "cc-" + kTrace + "-" + kParent + "-01-what-the-future-will-be-like"}) {
    const auto parsed = ParseTraceParent(text);
    ASSERT_TRUE(parsed.has_value()) << text;
    EXPECT_EQ(parsed->trace_id, kTrace);
    EXPECT_EQ(parsed->parent_id, kParent);
  }
}

TEST(TraceParent, AnythingElseIsNone) {
  for (const std::string& text : {
           std::string(),
           "00-" + kTrace + "-" + kParent,
           "00-" + kTrace + "-" + kParent + "-01-more",
           "00-" + kTrace + "-" + kParent + "-1",
           "ff-" + kTrace + "-" + kParent + "-01",
           "00-" + std::string(32, '0') + "-" + kParent + "-01",
           "00-" + kTrace + "-" + std::string(16, '0') + "-01",
           "00-0AF7651916CD43DD8448EB211C80319C-" + kParent + "-01",
           "00_" + kTrace + "-" + kParent + "-01",
           "cc-" + kTrace + "-" + kParent + "-01.more",
       }) {
    EXPECT_FALSE(ParseTraceParent(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace daybook::app
