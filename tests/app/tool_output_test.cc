#include "app/tool_output.h"

#include <gtest/gtest.h>

#include <string>

namespace daybook::app {
namespace {

using std::chrono::milliseconds;

TEST(Progress, IsShownAfterAWhileAndNotMoreOftenThanItCanBeRead) {
  std::FILE* const out = std::tmpfile();
  std::chrono::steady_clock::time_point now;
  {
    Progress progress(out, [&] { return now; });
    const auto show = [&](const std::string& text, milliseconds later) {
      now += later;
      progress.Show([&] { return text; });
    };
    show("too early", Progress::kPatience - milliseconds(1));
    show("1", milliseconds(1));
    show("too soon", Progress::kInterval - milliseconds(1));
    show("2", milliseconds(1));
  }
  std::rewind(out);
  char text[100];
  const std::size_t bytes = std::fread(text, 1, sizeof text, out);
  EXPECT_EQ(std::string(text, bytes), "\r\x1B[K1\r\x1B[K2\r\x1B[K");
  std::fclose(out);
}

TEST(Progress, BytesAreShownInUnits) {
  EXPECT_EQ(ForPeople(0), "0 bytes");
  EXPECT_EQ(ForPeople(1023), "1023 bytes");
  EXPECT_EQ(ForPeople(1536), "1.5 KiB");
  EXPECT_EQ(ForPeople(5ULL << 40), "5.0 TiB");
  EXPECT_EQ(ForPeople(5ULL << 50), "5120.0 TiB");
}

TEST(ToolOutput, ADamagedFolderIsSentToVerifyAndAMistakeIsTwo) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(ExitCodeOf("backup", {StatusCode::kDamaged, "it is broken"}), 1);
  const std::string told = testing::internal::GetCapturedStderr();
  EXPECT_NE(told.find("daybook: backup: it is broken\n"), std::string::npos);
  EXPECT_NE(told.find("`daybook verify`"), std::string::npos);
  testing::internal::CaptureStderr();
  EXPECT_EQ(ExitCodeOf("backup", {StatusCode::kInvalidArgument, "no"}), 2);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "daybook: backup: no\n");
  EXPECT_EQ(ExitCodeOf("backup", {}), 0);
}

}  // namespace
}  // namespace daybook::app
