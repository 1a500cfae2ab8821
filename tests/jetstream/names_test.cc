#include "jetstream/names.h"

#include <gtest/gtest.h>

#include <string>

namespace daybook::jetstream {
namespace {

const log::LogId kId = *log::LogId::Parse("1b4e28ba-2fa1-41d2-883f-0016d3cca427");

TEST(Names, AreThoseThatAreDocumented) {
  const Names names("daybook");
  EXPECT_EQ(names.CatalogueStream(), "daybook_catalogue");
  EXPECT_EQ(names.LogKey("a.b"), "daybook.log.a%2Eb");
  EXPECT_EQ(names.CursorKey(kId, "c.d"),
            "daybook.cursor.1b4e28ba-2fa1-41d2-883f-0016d3cca427.c%2Ed");
  EXPECT_EQ(names.Stream("a.b", kId), "daybook_a-b_1b4e28ba-2fa1-41d2-883f-0016d3cca427");
  EXPECT_EQ(names.Records(kId), "daybook.records.1b4e28ba-2fa1-41d2-883f-0016d3cca427");
  EXPECT_EQ(names.RecordNotice(kId), "daybook.notice.records.1b4e28ba-2fa1-41d2-883f-0016d3cca427");
}

TEST(Names, AStreamsNameIsOneThatNatsTakes) {
  const Names names(std::string(32, 'p'));
  for (const std::string& name :
       {std::string(128, '.'), std::string(128, '\xFF'), std::string("*>/ \\")}) {
    const std::string stream = names.Stream(name, kId);
    EXPECT_LE(stream.size(), 255U);
    EXPECT_EQ(stream.find_first_of(".*>/\\ \xFF"), std::string::npos) << stream;
  }
}

TEST(Names, ANameIsFoundInItsKeyAgain) {
  const Names names("daybook");
  for (const char* name : {"a", "a.b", "log", "a*>b"}) {
    EXPECT_EQ(Names::NameIn(names.LogKey(name)), name);
    EXPECT_EQ(Names::NameIn(names.CursorKey(kId, name)), name);
  }
}

}  // namespace
}  // namespace daybook::jetstream
