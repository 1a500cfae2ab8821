#include "client/table.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace daybook::client {
namespace {

using config::OutputForm;

TEST(TableTest, ColumnsAreAsWideAsTheirWidest) {
  const std::vector<Column> columns{{"NAME", "name"}, {"AGE", "r.age"}};
  const std::vector<std::string> documents{R"({"name":"long-name","r":{"age":"7d"}})",
                                           R"({"name":"b","r":{}})"};
  EXPECT_EQ(TableOf(OutputForm::kText, columns, documents),
            "NAME       AGE\n"
            "long-name  7d\n"
            "b          -\n");
  EXPECT_EQ(TableOf(OutputForm::kText, columns, {}), "NAME  AGE\n");
  EXPECT_EQ(TableOf(OutputForm::kJson, columns, documents),
            documents[0] + "\n" + documents[1] + "\n");
  EXPECT_EQ(TableOf(OutputForm::kJson, columns, {}), "");
}

TEST(TableTest, AListHasWhatThereIs) {
  const std::vector<Column> columns{{"name", "name"}, {"max age", "r.age"}, {"size", "size"}};
  const std::string document = R"({"name":"a","size":5})";
  EXPECT_EQ(ListOf(OutputForm::kText, columns, document), "name: a\nsize: 5\n");
  EXPECT_EQ(ListOf(OutputForm::kJson, columns, document), document);
}

}  // namespace
}  // namespace daybook::client
