#include "config/config.h"

#include <gtest/gtest.h>

#include <vector>

namespace daybook::config {
namespace {

CommandLine Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "daybook");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
}

std::string MistakeIn(const std::vector<const char*>& arguments) {
  testing::internal::CaptureStderr();
  const CommandLine command_line = Parse(arguments);
  EXPECT_EQ(command_line.action, CommandLine::Action::kExit);
  EXPECT_EQ(command_line.exit_code, 2);
  return testing::internal::GetCapturedStderr();
}

TEST(Config, OptionsAreTakenOverTheirDefaults) {
  const CommandLine line =
      Parse({"serve", "--listen-address", "[::1]:9", "--idle-timeout=2m", "--max-body", "1Ki"});
  ASSERT_EQ(line.action, CommandLine::Action::kServe);
  EXPECT_EQ(line.config.listen_address, "[::1]:9");
  EXPECT_EQ(line.config.idle_timeout, milliseconds(120'000));
  EXPECT_EQ(line.config.max_body, 1024U);
  EXPECT_EQ(line.config.max_header, Config().max_header);
  EXPECT_EQ(Parse({"version"}).action, CommandLine::Action::kVersion);
}

TEST(Config, AMistakeNamesTheOptionTheValueAndWhatWouldBeRight) {
  const std::string mistake = MistakeIn({"serve", "--idle-timeout", "5"});
  for (const char* part : {"--idle-timeout", "'5'", "30s"})
    EXPECT_NE(mistake.find(part), std::string::npos) << mistake;
  EXPECT_NE(MistakeIn({"serve", "--max-body", "1KB"}).find("64Ki"), std::string::npos);
  EXPECT_NE(MistakeIn({"serve", "--threads", "-1"}).find("from 0 to"), std::string::npos);
  EXPECT_NE(MistakeIn({"serve", "--log-level", "loud"}).find("loud"), std::string::npos);
  EXPECT_NE(MistakeIn({"serve", "--no-such"}).find("--no-such"), std::string::npos);
  EXPECT_NE(MistakeIn({"serve", "--max-body", "2Gi"}).find("to 1Gi"), std::string::npos);
  EXPECT_NE(MistakeIn({"serve", "--body-memory", "1Mi"}).find("--max-body, 16Mi"),
            std::string::npos);
  EXPECT_NE(MistakeIn({"serve", "--max-header", "4Ki"}).find("--max-target, 8Ki"),
            std::string::npos);
  MistakeIn({});
  MistakeIn({"sing"});
}

TEST(Config, HelpIsNoMistake) {
  testing::internal::CaptureStdout();
  const CommandLine line = Parse({"serve", "--help"});
  const std::string help = testing::internal::GetCapturedStdout();
  EXPECT_EQ(line.action, CommandLine::Action::kExit);
  EXPECT_EQ(line.exit_code, 0);
  EXPECT_NE(help.find("--listen-address"), std::string::npos);
}

}  // namespace
}  // namespace daybook::config
