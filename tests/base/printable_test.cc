#include "base/printable.h"

#include <gtest/gtest.h>

namespace daybook {
namespace {

TEST(PrintableTest, ControlCharactersAndWhatIsNotUtf8AreReplaced) {
  EXPECT_EQ(Printable("\xC3\xA9\t\n"), "\xC3\xA9\t\n");
  EXPECT_EQ(Printable("\x1B[31m\r\x7F"), "\xEF\xBF\xBD[31m\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(Printable("\xC2\x9B\xFF"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(PrintableTest, ALineHasNoEndInIt) {
  EXPECT_EQ(PrintableLine("a\nb\tc"),
            "a\xEF\xBF\xBD"
            "b\tc");
}

}  // namespace
}  // namespace daybook
