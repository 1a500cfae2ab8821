#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "config/config.h"

namespace daybook::config {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using Action = CommandLine::Action;

CommandLine Parse(const Arguments& arguments, const Environment& environment = {}) {
  return ParseCommandLine(arguments, environment);
}

std::string MistakeIn(const Arguments& arguments, const Environment& environment = {}) {
  testing::internal::CaptureStderr();
  const CommandLine line = Parse(arguments, environment);
  EXPECT_EQ(line.action, Action::kExit);
  EXPECT_EQ(line.exit_code, 2);
  return testing::internal::GetCapturedStderr();
}

TEST(ClientCommands, AppendTakesValuesJustAsTheyAre) {
  const CommandLine line = Parse({"append", "[1,2]", "", "read", "{}", "--", "-x", "--json", "[a"});
  ASSERT_EQ(line.action, Action::kAppend);
  EXPECT_THAT(line.append.values, ElementsAre("[1,2]", "", "read", "{}", "-x", "--json", "[a"));
  EXPECT_EQ(line.append.input, AppendOptions::Input::kText);
  EXPECT_EQ(line.append.log, "default");
}

TEST(ClientCommands, AppendTakesItsOptions) {
  const CommandLine line =
      Parse({"append", "--json", "--log", "orders", "-k", "a", "-H", "x=1=2", "1",
             "--header=y=", "--expect-next", "7", "--create", "-o", "json"});
  ASSERT_EQ(line.action, Action::kAppend);
  EXPECT_EQ(line.append.input, AppendOptions::Input::kJson);
  EXPECT_EQ(line.append.log, "orders");
  EXPECT_EQ(line.append.key, "a");
  EXPECT_THAT(line.append.headers, ElementsAre(Pair("x", "1=2"), Pair("y", "")));
  EXPECT_THAT(line.append.values, ElementsAre("1"));
  EXPECT_EQ(line.append.expected_next_offset, 7U);
  EXPECT_TRUE(line.append.create);
  EXPECT_EQ(line.append.client.output, OutputForm::kJson);
}

TEST(ClientCommands, AppendNamesWhatCannotBe) {
  EXPECT_THAT(MistakeIn({"append", "--json", "--raw"}), HasSubstr("only one of them"));
  EXPECT_THAT(MistakeIn({"append", "--raw", "a"}), HasSubstr("--raw"));
  EXPECT_THAT(MistakeIn({"append", "--records", "--key", "a"}), HasSubstr("--records"));
  EXPECT_THAT(MistakeIn({"append", "-H", "a b=c", "x"}), HasSubstr("NAME=VALUE"));
  EXPECT_THAT(MistakeIn({"append", "-H", "a", "x"}), HasSubstr("NAME=VALUE"));
  EXPECT_THAT(MistakeIn({"append", "-k", "a\nb", "x"}), HasSubstr("--key"));
  EXPECT_THAT(MistakeIn({"append", "--expect-next", "-1"}), HasSubstr("--expect-next"));
  EXPECT_THAT(MistakeIn({"append", "-o", "raw"}), HasSubstr("--output"));
}

TEST(ClientCommands, NothingIsNotTakenForAnOptionThatWasNotGiven) {
  for (const Arguments& arguments : {Arguments{"append", "--expect-next", ""},
                                     {"append", "--expect-next="},
                                     {"append", "--log", ""},
                                     {"cursor", "set", "a", ""},
                                     {"cursor", "set", "", "1"},
                                     {"cursor", "set", "a", "1", "--if-revision", ""},
                                     {"cursor", "list", "--log", ""},
                                     {"read", "--offset", ""},
                                     {"read", "--limit", ""},
                                     {"read", "--since", ""},
                                     {"read", "--last", ""},
                                     {"read", "--key", ""},
                                     {"read", "--timeout", ""},
                                     {"read", "--server", ""},
                                     {"read", "--token", ""},
                                     {"tail", "--cursor", ""},
                                     {"logs", "trim", "a", "--before", ""},
                                     {"logs", "create", "a", "--max-age", ""},
                                     {"logs", "set", "a", "--max-bytes", ""},
                                     {"logs", "delete", ""}}) {
    EXPECT_NE(MistakeIn(arguments), "") << arguments[0] << " " << arguments[1];
  }
}

TEST(ClientCommands, ReadsBeginWhereTheyAreTold) {
  const auto start = [](const Arguments& arguments) {
    const ReadStart taken = Parse(arguments).read.start;
    return taken.name + "=" + taken.value;
  };
  EXPECT_EQ(start({"read"}), "=");
  EXPECT_EQ(start({"read", "--offset", "5"}), "offset=5");
  EXPECT_EQ(start({"tail", "--offset", "next"}), "offset=next");
  EXPECT_EQ(start({"tail", "-n", "3"}), "last=3");
  EXPECT_EQ(start({"read", "--since", "2026-01-02T03:04:05+01:00"}),
            "since=2026-01-02T03:04:05+01:00");
  EXPECT_THAT(start({"read", "--since", "5m"}), testing::MatchesRegex("since=2.*Z"));
  EXPECT_THAT(MistakeIn({"read", "--offset", "1", "--last", "2"}), HasSubstr("only one of them"));
  EXPECT_THAT(MistakeIn({"read", "--offset", "last"}), HasSubstr("--offset"));
  EXPECT_THAT(MistakeIn({"read", "--since", "noon"}), HasSubstr("--since"));
  EXPECT_THAT(MistakeIn({"read", "--limit", "x"}), HasSubstr("--limit"));
}

TEST(ClientCommands, OnlyTailTriesForEver) {
  EXPECT_EQ(Parse({"read"}).read.client.timeout, seconds(30));
  EXPECT_EQ(Parse({"read", "--timeout", "none"}).read.client.timeout, std::nullopt);
  EXPECT_EQ(Parse({"tail"}).read.client.timeout, std::nullopt);
  EXPECT_EQ(Parse({"tail", "--timeout", "2s"}).read.client.timeout, seconds(2));
  EXPECT_THAT(MistakeIn({"read", "--timeout", "soon"}), HasSubstr("--timeout"));
  EXPECT_THAT(MistakeIn({"read", "--timeout", "0s"}), HasSubstr("--timeout"));
}

TEST(ClientCommands, LogsAndCursorHaveCommandsOfTheirOwn) {
  EXPECT_EQ(Parse({"logs"}).logs.action, LogsOptions::Action::kList);
  EXPECT_EQ(Parse({"logs", "list", "--prefix", "a"}).logs.prefix, "a");
  const CommandLine set =
      Parse({"logs", "set", "orders", "--max-age", "7d", "--max-bytes", "none"});
  ASSERT_EQ(set.action, Action::kLogs);
  EXPECT_EQ(set.logs.action, LogsOptions::Action::kSet);
  EXPECT_EQ(set.logs.name, "orders");
  EXPECT_EQ(set.logs.max_age, "7d");
  EXPECT_EQ(set.logs.max_bytes, "none");
  EXPECT_EQ(Parse({"logs", "trim", "a", "--before", "9"}).logs.before, 9U);
  EXPECT_THAT(MistakeIn({"logs", "set", "orders"}), HasSubstr("--max-age"));
  EXPECT_THAT(MistakeIn({"logs", "create", "a", "--max-age", "week"}), HasSubstr("--max-age"));
  EXPECT_THAT(MistakeIn({"logs", "create", "a", "--max-bytes", "x"}), HasSubstr("--max-bytes"));
  EXPECT_THAT(MistakeIn({"logs", "trim", "a"}), HasSubstr("--before"));
  EXPECT_THAT(MistakeIn({"logs", "delete"}), HasSubstr("NAME"));

  const CommandLine cursor =
      Parse({"cursor", "set", "billing", "5", "--log", "orders", "--if-revision", "3"});
  ASSERT_EQ(cursor.action, Action::kCursor);
  EXPECT_EQ(cursor.cursor.action, CursorOptions::Action::kSet);
  EXPECT_EQ(cursor.cursor.name, "billing");
  EXPECT_EQ(cursor.cursor.log, "orders");
  EXPECT_EQ(cursor.cursor.offset, 5U);
  EXPECT_EQ(cursor.cursor.revision, 3U);
  EXPECT_EQ(Parse({"cursor", "--log", "a"}).cursor.log, "a");
  EXPECT_THAT(MistakeIn({"cursor", "set", "a", "b"}), HasSubstr("OFFSET"));
}

TEST(ClientCommands, TheServerIsAFlagOrAVariable) {
  const Environment environment{"DAYBOOK_SERVER=http://a:1", "DAYBOOK_SERVERS=b"};
  EXPECT_EQ(Parse({"read"}).read.client.server, "http://127.0.0.1:8080");
  EXPECT_EQ(Parse({"read"}, environment).read.client.server, "http://a:1");
  EXPECT_EQ(Parse({"read", "--server", "http://c"}, environment).read.client.server, "http://c");
}

TEST(ClientCommands, TheTokenIsAFlagAVariableOrInAFile) {
  const std::string path = testing::TempDir() + "token_" + std::to_string(::getpid());
  std::ofstream(path) << "from-file\n";
  EXPECT_EQ(Parse({"read"}).read.client.token, "");
  EXPECT_EQ(Parse({"read", "--token", "t"}, {"DAYBOOK_TOKEN=v"}).read.client.token, "t");
  EXPECT_EQ(Parse({"logs", "show", "a"}, {"DAYBOOK_TOKEN=v"}).logs.client.token, "v");
  EXPECT_EQ(Parse({"tail", "--token", "@" + path}).read.client.token, "from-file");
  EXPECT_EQ(Parse({"append", "x"}, {"DAYBOOK_TOKEN=@" + path}).append.client.token, "from-file");
  EXPECT_EQ(Parse({"probe", "--token", "t"}).probe.token, "t");
  EXPECT_EQ(Parse({"probe"}, {"DAYBOOK_TOKEN=v"}).probe.token, "v");
  std::remove(path.c_str());
  EXPECT_THAT(MistakeIn({"read", "--token", "@" + path}), HasSubstr(path));
}

TEST(ClientCommands, ATokenThatCannotBeIsAMistakeThatDoesNotShowIt) {
  for (const char* token : {"sec ret", "sec\nret", "sec\xC3\xA9ret"}) {
    EXPECT_THAT(MistakeIn({"read", "--token", token}),
                AllOf(HasSubstr("--token"), Not(HasSubstr("ret"))));
    EXPECT_THAT(MistakeIn({"probe"}, {std::string("DAYBOOK_TOKEN=") + token}),
                AllOf(HasSubstr("DAYBOOK_TOKEN"), Not(HasSubstr("ret"))));
  }
}

TEST(ClientCommands, AServerPassesTheClientsVariablesOver) {
  const CommandLine line =
      Parse({"serve"}, {"DAYBOOK_SERVER=http://a", "DAYBOOK_TOKEN=t", "DAYBOOK_MAX_BODY=1Ki"});
  EXPECT_EQ(line.action, Action::kServe);
  EXPECT_EQ(line.config.max_body, 1024U);
}

}  // namespace
}  // namespace daybook::config
