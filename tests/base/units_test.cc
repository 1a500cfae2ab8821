#include "base/units.h"

#include <gtest/gtest.h>

namespace daybook {
namespace {

using std::chrono::milliseconds;

TEST(Units, DurationsAndSizesAreReadAndWrittenAlike) {
  for (const char* text : {"0ms", "250ms", "30s", "5m", "2h", "7d", "1500ms"})
    EXPECT_EQ(FormatDuration(*ParseDuration(text)), text);
  for (const char* text : {"0", "512", "64Ki", "1Mi", "10Gi", "3Ti", "1025"})
    EXPECT_EQ(FormatSize(*ParseSize(text)), text);
  EXPECT_EQ(ParseDuration("1m"), milliseconds(60'000));
  EXPECT_EQ(ParseSize("2Ki"), 2048U);
}

TEST(Units, AnythingElseIsRefused) {
  for (const char* text : {"", "5", "s", "-1s", "+1s", " 1s", "1 s", "1s ", "1.5s", "1S", "1w",
                           "1m30s", "99999999999999999d"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
  for (const char* text :
       {"", "Ki", "-1", "1K", "1KB", "1ki", "1.5Gi", "99999999999Ti", "18446744073709551616"}) {
    EXPECT_EQ(ParseSize(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace daybook
