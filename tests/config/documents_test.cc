#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <string>

#include "config/command_tree.h"
#include "config/completion.h"
#include "config/config.h"
#include "config/man_page.h"
#include "config/options.h"

namespace daybook::config {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string PrintedBy(const Arguments& arguments) {
  testing::internal::CaptureStdout();
  const CommandLine line = ParseCommandLine(arguments, {});
  std::string printed = testing::internal::GetCapturedStdout();
  EXPECT_EQ(line.action, CommandLine::Action::kExit);
  EXPECT_EQ(line.exit_code, 0);
  return printed;
}

class TreeTest : public testing::Test {
 protected:
  TreeTest() {
    CLI::App* const copy = program_.add_subcommand("copy", "Copy, it's said");
    copy->add_option("-f,--form", text_, "how")->type_name("a|b")->capture_default_str();
    copy->add_option("--mode", text_, "which")->type_name("M")->check(CLI::IsMember({"x", "y"}));
    copy->add_flag("--all", all_, "everything");
    copy->add_option("FROM", text_, "where from")->required();
    copy->add_option("WHAT", texts_, ".what");
    copy->footer("'Well'.");
    CLI::App* const log = program_.add_subcommand("log", "Logs");
    log->add_subcommand("show", "Show it");
  }

  CLI::App program_{"A program", "p"};
  std::string text_ = "a";
  std::vector<std::string> texts_;
  bool all_ = false;
};

TEST_F(TreeTest, HasWhatTheCommandLineHas) {
  const CommandEntry tree = TreeOf(program_);
  std::vector<std::string> paths;
  for (const CommandEntry* command : tree.All()) paths.push_back(command->path);
  EXPECT_THAT(paths, ElementsAre("p", "p copy", "p log", "p log show"));
  const std::vector<OptionEntry>& options = tree.commands[0].options;
  ASSERT_EQ(options.size(), 6U);
  EXPECT_THAT(options[1].flags, ElementsAre("-f", "--form"));
  EXPECT_THAT(options[1].choices, ElementsAre("a", "b"));
  EXPECT_EQ(options[1].initial, "a");
  EXPECT_EQ(options[2].type, "M");
  EXPECT_THAT(options[2].choices, ElementsAre("x", "y"));
  EXPECT_EQ(options[3].type, "");
  EXPECT_EQ(options[4].name, "FROM");
  EXPECT_TRUE(options[4].is_required);
  EXPECT_TRUE(options[5].is_repeated);
}

TEST_F(TreeTest, AManualPageEscapesWhatRoffWouldTake) {
  const std::string page = ManPage(TreeOf(program_));
  EXPECT_THAT(page, AllOf(HasSubstr(".SS p copy\n"), HasSubstr("\\fB\\-f\\fR, \\fB\\-\\-form\\fR"),
                          HasSubstr("\n\\&.what.\n"), HasSubstr("\n\\&'Well'.\n"),
                          HasSubstr("\\fIFROM\\fR [\\fIWHAT\\fR...]\n")));
}

TEST_F(TreeTest, AQuoteInAHelpIsQuotedForEachShell) {
  EXPECT_THAT(ZshCompletion(TreeOf(program_)), HasSubstr(R"('copy:Copy, it'\''s said')"));
  EXPECT_THAT(FishCompletion(TreeOf(program_)), HasSubstr(R"(-d 'Copy, it\'s said')"));
}

TEST(DocumentsTest, HaveEachCommandAndEachOptionOfServe) {
  const std::string page = PrintedBy({"man"});
  const std::string bash = PrintedBy({"completion", "bash"});
  const std::string zsh = PrintedBy({"completion", "zsh"});
  const std::string fish = PrintedBy({"completion", "fish"});
  for (const std::string command :
       {"serve",    "probe",     "append", "read",       "tail",   "logs",    "logs create",
        "logs set", "logs trim", "cursor", "cursor get", "backup", "restore", "dump",
        "import",   "verify",    "repair", "completion", "man",    "version"}) {
    EXPECT_THAT(page, HasSubstr(".SS daybook " + command + "\n"));
    for (const std::string& script : {bash, zsh, fish})
      EXPECT_THAT(script, HasSubstr("'daybook " + command + "'"));
  }
  for (const Option& option : Options()) {
    std::string in_roff = option.flag();
    for (std::size_t at = 0; (at = in_roff.find('-', at)) != std::string::npos; at += 2)
      in_roff.insert(at, "\\");
    EXPECT_THAT(page, HasSubstr("\\fB" + in_roff + "\\fR"));
    EXPECT_THAT(bash, HasSubstr(" " + option.flag()));
    EXPECT_THAT(zsh, HasSubstr("'" + option.flag() + ":"));
    EXPECT_THAT(fish, HasSubstr(" -l " + option.name + " "));
  }
}

}  // namespace
}  // namespace daybook::config
