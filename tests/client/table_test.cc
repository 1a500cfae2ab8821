#include "client/table.h"

#include <gtest/gtest.h>

namespace daybook::client {
namespace {

TEST(TableTest, ColumnsAreAsWideAsTheirWidest) {
  EXPECT_EQ(TableOf({{"NAME", "name"}, {"AGE", "r.age"}},
                    {R"({"name":"long-name","r":{"age":"7d"}})", R"({"name":"b","r":{}})"}),
            "NAME       AGE\n"
            "long-name  7d\n"
            "b          -\n");
  EXPECT_EQ(TableOf({{"NAME", "name"}}, {}), "NAME\n");
}

TEST(TableTest, AListHasWhatThereIs) {
  EXPECT_EQ(ListOf({{"name", "name"}, {"max age", "r.age"}, {"size", "size"}},
                   R"({"name":"a","size":5})"),
            "name: a\nsize: 5\n");
}

}  // namespace
}  // namespace daybook::client
