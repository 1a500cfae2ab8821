#include "config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "config/options.h"

namespace daybook::config {
namespace {

using testing::AllOf;
using testing::HasSubstr;

CommandLine Parse(const Arguments& arguments, const Environment& environment = {}) {
  return ParseCommandLine(arguments, environment);
}

std::string MistakeIn(const Arguments& arguments, const Environment& environment = {}) {
  testing::internal::CaptureStderr();
  const CommandLine command_line = Parse(arguments, environment);
  EXPECT_EQ(command_line.action, CommandLine::Action::kExit);
  EXPECT_EQ(command_line.exit_code, 2);
  return testing::internal::GetCapturedStderr();
}

std::string PrintedBy(const Arguments& arguments, const Environment& environment = {}) {
  testing::internal::CaptureStdout();
  const CommandLine command_line = Parse(arguments, environment);
  std::string printed = testing::internal::GetCapturedStdout();
  EXPECT_EQ(command_line.action, CommandLine::Action::kExit);
  EXPECT_EQ(command_line.exit_code, 0);
  return printed;
}

class File {
 public:
  explicit File(const std::string& text)
      : path_(testing::TempDir() + "daybook_" + std::to_string(::getpid()) + ".toml") {
    Write(text);
  }
  ~File() { std::remove(path_.c_str()); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  void Write(const std::string& text) { std::ofstream(path_) << text; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

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

TEST(Config, ToolsTakeTheirFoldersAndOptions) {
  const CommandLine verify = Parse({"verify", "a"});
  EXPECT_EQ(verify.action, CommandLine::Action::kVerify);
  EXPECT_EQ(verify.exam.data_dir, "a");
  EXPECT_FALSE(Parse({"repair", "a"}).exam.repair);
  const CommandLine repair = Parse({"repair", "--yes", "a"});
  EXPECT_EQ(repair.action, CommandLine::Action::kRepair);
  EXPECT_TRUE(repair.exam.repair);
  const CommandLine backup = Parse({"backup", "a", "b"});
  ASSERT_EQ(backup.action, CommandLine::Action::kBackup);
  EXPECT_EQ(backup.copy.from, "a");
  EXPECT_EQ(backup.copy.to, "b");
  EXPECT_EQ(Parse({"restore", "a", "b"}).action, CommandLine::Action::kRestore);
  const CommandLine dump =
      Parse({"dump", "a", "--log", "x", "--from", "7", "--limit=18446744073709551615", "--encoding",
             "json", "--skip-damaged"});
  ASSERT_EQ(dump.action, CommandLine::Action::kDump);
  EXPECT_EQ(dump.dump.data_dir, "a");
  EXPECT_EQ(dump.dump.log, "x");
  EXPECT_EQ(dump.dump.from, 7U);
  EXPECT_EQ(dump.dump.limit, UINT64_MAX);
  EXPECT_EQ(dump.dump.encoding, "json");
  EXPECT_TRUE(dump.dump.skip_damaged);
  const CommandLine import = Parse({"import", "a", "f", "--max-record-value", "2Mi"});
  ASSERT_EQ(import.action, CommandLine::Action::kImport);
  EXPECT_EQ(import.import.file, "f");
  EXPECT_EQ(import.import.log, "default");
  EXPECT_EQ(import.import.max_record_value, 2U << 20);
}

TEST(Config, AMistakeInAToolsOptionIsNamed) {
  EXPECT_THAT(MistakeIn({"verify"}), HasSubstr("DIR"));
  EXPECT_THAT(MistakeIn({"repair", "--yes"}), HasSubstr("DIR"));
  EXPECT_THAT(MistakeIn({"backup", "a"}), HasSubstr("TO"));
  EXPECT_THAT(MistakeIn({"dump", "a", "--from", "-1"}), HasSubstr("--from: '-1'"));
  EXPECT_THAT(MistakeIn({"dump", "a", "--limit", "0x10"}), HasSubstr("--limit: '0x10'"));
  EXPECT_THAT(MistakeIn({"dump", "a", "--encoding", "utf8"}), HasSubstr("utf8"));
  EXPECT_THAT(MistakeIn({"import", "a", "--max-record-value", "0"}),
              HasSubstr("--max-record-value: '0'"));
}

TEST(Config, AFlagCountsBeforeAVariableAndAVariableBeforeTheFile) {
  const File file(
      "# comment\nidle-timeout = \"1s\"\nbody-timeout = \"1s\"\nwrite-timeout = \"1s\"\n"
      "threads = 3\naccess-log = true\n");
  const Environment environment = {"DAYBOOK_CONFIG=" + file.path(), "DAYBOOK_IDLE_TIMEOUT=2s",
                                   "DAYBOOK_BODY_TIMEOUT=2s", "HOME=/"};
  const CommandLine line = Parse({"serve", "--idle-timeout", "3s"}, environment);
  ASSERT_EQ(line.action, CommandLine::Action::kServe);
  EXPECT_EQ(line.config.idle_timeout, milliseconds(3'000));
  EXPECT_EQ(line.config.body_timeout, milliseconds(2'000));
  EXPECT_EQ(line.config.write_timeout, milliseconds(1'000));
  EXPECT_EQ(line.config.threads, 3U);
  EXPECT_TRUE(line.config.access_log);
}

TEST(Config, TheFileOfTheFlagCountsBeforeThatOfTheVariable) {
  const File file("threads = 3\n");
  const CommandLine line =
      Parse({"serve", "--config", file.path()}, {"DAYBOOK_CONFIG=/nonexistent"});
  EXPECT_EQ(line.config.threads, 3U);
}

TEST(Config, ASwitchIsOnByItselfAndTakesAValue) {
  EXPECT_TRUE(Parse({"serve", "--access-log"}).config.access_log);
  EXPECT_TRUE(Parse({"serve", "--access-log=true"}).config.access_log);
  EXPECT_FALSE(
      Parse({"serve", "--access-log=false"}, {"DAYBOOK_ACCESS_LOG=true"}).config.access_log);
  EXPECT_THAT(
      MistakeIn({"serve"}, {"DAYBOOK_ACCESS_LOG=yes"}),
      AllOf(HasSubstr("DAYBOOK_ACCESS_LOG"), HasSubstr("'yes'"), HasSubstr("true or false")));
}

TEST(Config, AnEmptyVariableIsNotSet) {
  EXPECT_EQ(Parse({"serve"}, {"DAYBOOK_IDLE_TIMEOUT=", "DAYBOOK_CONFIG="}).config.idle_timeout,
            Config().idle_timeout);
}

TEST(Config, AMistakeNamesTheOptionTheValueAndWhatWouldBeRight) {
  EXPECT_THAT(MistakeIn({"serve", "--idle-timeout", "5"}),
              AllOf(HasSubstr("--idle-timeout"), HasSubstr("'5'"), HasSubstr("30s")));
  EXPECT_THAT(MistakeIn({"serve"}, {"DAYBOOK_IDLE_TIMEOUT=5"}),
              AllOf(HasSubstr("DAYBOOK_IDLE_TIMEOUT"), HasSubstr("'5'"), HasSubstr("30s")));
  const File file("idle-timeout = \"5\"\n");
  EXPECT_THAT(MistakeIn({"serve", "--config", file.path()}),
              AllOf(HasSubstr(file.path() + ": idle-timeout"), HasSubstr("'5'"), HasSubstr("30s")));
  EXPECT_THAT(MistakeIn({"serve", "--max-body", "1KB"}), HasSubstr("64Ki"));
  EXPECT_THAT(MistakeIn({"serve", "--threads", "-1"}), HasSubstr("from 0 to"));
  EXPECT_THAT(MistakeIn({"serve", "--log-level", "loud"}),
              AllOf(HasSubstr("'loud'"), HasSubstr("debug|info|warn|error")));
  EXPECT_THAT(MistakeIn({"serve", "--max-body", "2Gi"}), HasSubstr("to 1Gi"));
  EXPECT_THAT(MistakeIn({"serve", "--body-memory", "1Mi"}), HasSubstr("max-body, 16Mi"));
  EXPECT_THAT(MistakeIn({"serve", "--max-header", "4Ki"}), HasSubstr("max-target, 8Ki"));
  MistakeIn({});
  MistakeIn({"sing"});
}

TEST(Config, NothingIsAdmittedThatAFrameCannotSay) {
  EXPECT_EQ(Parse({"serve", "--max-record-key", "63Ki"}).config.max_record_key, 63U << 10);
  EXPECT_THAT(MistakeIn({"serve", "--max-record-key", "64Ki"}), HasSubstr("from 1 to 63Ki"));
  EXPECT_THAT(MistakeIn({"serve", "--max-record-headers", "256"}), HasSubstr("from 0 to 255"));
  EXPECT_THAT(MistakeIn({"serve", "--max-record-header-bytes", "64Ki"}),
              HasSubstr("from 0 to 63Ki"));
}

const std::string kNatsUrl = "--nats-url=nats://a";

TEST(Config, TheEngineJetstreamTakesItsOptions) {
  const CommandLine line = Parse(
      {"serve", "--engine=jetstream", "--nats-url", "nats://a,tls://b.example:4223,nats://[::1]:1",
       "--nats-monitor-urls=http://a:8222,http://[::1]:8222", "--nats-prefix=led_ger-2",
       "--nats-replicas=5", "--allow-weaker-durability"},
      {"DAYBOOK_NATS_TIMEOUT=2s", "DAYBOOK_NATS_USER=ledger"});
  ASSERT_EQ(line.action, CommandLine::Action::kServe);
  EXPECT_EQ(line.config.nats_url, "nats://a,tls://b.example:4223,nats://[::1]:1");
  EXPECT_EQ(line.config.nats_monitor_urls, "http://a:8222,http://[::1]:8222");
  EXPECT_EQ(line.config.nats_prefix, "led_ger-2");
  EXPECT_EQ(line.config.nats_replicas, 5U);
  EXPECT_EQ(line.config.nats_timeout, milliseconds(2'000));
  EXPECT_EQ(line.config.nats_user, "ledger");
  EXPECT_TRUE(line.config.allow_weaker_durability);
  const std::vector<Change> changes = ChangesBetween(Config(), line.config);
  EXPECT_EQ(changes.size(), 9U);  // drain-delay, too
  for (const Change& change : changes) EXPECT_TRUE(change.needs_restart) << change.name;
}

TEST(Config, NatsUrlsAreHostsWithPortsAndNothingElse) {
  EXPECT_THAT(MistakeIn({"serve", "--engine=jetstream"}),
              AllOf(HasSubstr("jetstream needs nats-url"), HasSubstr("nats://host[:port]")));
  for (const char* url :
       {"a:4222", "http://a", "nats://", "nats://a:", "nats://a:0", "nats://a:65536", "nats://a/b",
        "nats://a,", ",nats://a", "nats://a, nats://b", "nats://user:secret@a", "nats://[::1",
        "nats://[g]", "nats://[]:1", "nats://[::1]4222", "NATS://a"}) {
    EXPECT_THAT(MistakeIn({"serve", "--engine=jetstream", "--nats-url", url}),
                AllOf(HasSubstr("--nats-url"), HasSubstr("nats://host[:port] or tls://host")))
        << url;
  }
  for (const char* url :
       {"a:8222", "http://a", "https://a:8222", "http://a:8222/", "http://a:8222,"})
    EXPECT_THAT(MistakeIn({"serve", "--nats-monitor-urls", url}), HasSubstr("http://host:port"))
        << url;
}

TEST(Config, NamesAndNumbersForNatsAreChecked) {
  EXPECT_EQ(Parse({"serve", "--nats-prefix", std::string(32, 'a')}).config.nats_prefix.size(), 32U);
  for (const std::string& prefix : {std::string(33, 'a'), std::string("a.b"), std::string("a b")})
    EXPECT_THAT(MistakeIn({"serve", "--nats-prefix", prefix}), HasSubstr("1 to 32 letters"));
  EXPECT_THAT(MistakeIn({"serve", "--nats-replicas=0"}), HasSubstr("from 1 to 5"));
  EXPECT_THAT(MistakeIn({"serve", "--nats-replicas=6"}), HasSubstr("from 1 to 5"));
  EXPECT_THAT(MistakeIn({"serve", "--nats-nkey", "SU" + std::string(56, 'A')}),
              HasSubstr("the public nkey"));
}

TEST(Config, WhatDaybookIsAtNatsIsSaidWholeAndOnce) {
  const File file("secret");
  const std::string nkey = "U" + std::string(55, 'A');
  const auto mistake = [](Arguments arguments) {
    arguments.insert(arguments.begin(), {"serve", "--engine=jetstream", kNatsUrl});
    return MistakeIn(arguments);
  };
  EXPECT_THAT(mistake({"--nats-password-file", file.path()}),
              HasSubstr("nats-password-file needs nats-user"));
  EXPECT_THAT(mistake({"--nats-nkey", nkey}), HasSubstr("nats-nkey needs nats-nkey-seed-file"));
  EXPECT_THAT(mistake({"--nats-nkey-seed-file", file.path()}),
              HasSubstr("nats-nkey-seed-file needs nats-nkey"));
  EXPECT_THAT(mistake({"--nats-tls-certificate-file", file.path()}),
              HasSubstr("nats-tls-certificate-file needs nats-tls-key-file"));
  EXPECT_THAT(mistake({"--nats-tls-key-file", file.path()}),
              HasSubstr("nats-tls-key-file needs nats-tls-certificate-file"));
  EXPECT_THAT(mistake({"--nats-user=a", "--nats-credentials-file", file.path()}),
              HasSubstr("nats-user and nats-credentials-file: daybook is one user"));
  EXPECT_EQ(Parse({"serve", "--engine=jetstream", kNatsUrl, "--nats-nkey", nkey,
                   "--nats-nkey-seed-file", file.path(), "--nats-tls-ca-file", file.path(),
                   "--nats-tls-certificate-file", file.path(), "--nats-tls-key-file", file.path()})
                .action,
            CommandLine::Action::kServe);
}

TEST(Config, AFileForNatsThatCannotBeReadIsAMistakeWithItsReason) {
  for (const char* option :
       {"--nats-password-file", "--nats-credentials-file", "--nats-tls-ca-file"}) {
    const Environment user = {option == std::string("--nats-password-file") ? "DAYBOOK_NATS_USER=a"
                                                                            : ""};
    EXPECT_THAT(
        MistakeIn({"serve", "--engine=jetstream", kNatsUrl, option, "/nonexistent"}, user),
        AllOf(HasSubstr(option + 2), HasSubstr("'/nonexistent'"), HasSubstr("No such file")));
    EXPECT_THAT(MistakeIn({"serve", "--engine=jetstream", kNatsUrl, option, "/"}, user),
                AllOf(HasSubstr(option + 2), HasSubstr("Is a directory")));
    EXPECT_EQ(Parse({"serve", option, "/nonexistent"}).action, CommandLine::Action::kServe);
  }
}

TEST(Config, WithTheEngineJetstreamAStopIsDelayedUnlessItIsSaidOtherwise) {
  const Arguments jetstream = {"serve", "--engine=jetstream", kNatsUrl};
  EXPECT_EQ(Parse(jetstream).config.drain_delay, kDrainDelayReplicated);
  EXPECT_EQ(Parse(jetstream, {"DAYBOOK_DRAIN_DELAY=0ms"}).config.drain_delay, milliseconds(0));
  EXPECT_EQ(Parse({"serve"}).config.drain_delay, milliseconds(0));
}

TEST(Config, AMisspeltNameIsAnsweredWithTheNearestRightOne) {
  EXPECT_THAT(
      MistakeIn({"serve"}, {"DAYBOOK_LISTEN_ADRESS=:80"}),
      AllOf(HasSubstr("DAYBOOK_LISTEN_ADRESS"), HasSubstr("did you mean DAYBOOK_LISTEN_ADDRESS?")));
  EXPECT_THAT(MistakeIn({"serve", "--idle-timout=5s"}), HasSubstr("did you mean --idle-timeout?"));
  const File file("max_body = \"1Mi\"\n");
  EXPECT_THAT(MistakeIn({"serve", "--config", file.path()}), HasSubstr("did you mean max-body?"));
  EXPECT_THAT(MistakeIn({"serve"}, {"DAYBOOK_SOMETHING_ELSE=1"}),
              AllOf(HasSubstr("DAYBOOK_SOMETHING_ELSE"), testing::Not(HasSubstr("did you mean"))));
}

TEST(Config, WhatKubernetesSetsForAServiceCalledDaybookIsIgnored) {
  const Environment links = {"DAYBOOK_PORT=tcp://10.0.0.1:8080",
                             "DAYBOOK_SERVICE_HOST=10.0.0.1",
                             "DAYBOOK_SERVICE_PORT=8080",
                             "DAYBOOK_SERVICE_PORT_HTTP=8080",
                             "DAYBOOK_PORT_8080_TCP=tcp://10.0.0.1:8080",
                             "DAYBOOK_PORT_8080_TCP_PROTO=tcp",
                             "DAYBOOK_PORT_8080_TCP_PORT=8080",
                             "DAYBOOK_PORT_8080_TCP_ADDR=10.0.0.1",
                             "DAYBOOK_HEADLESS_SERVICE_HOST=None",
                             "DAYBOOK_METRICS_PORT=tcp://10.0.0.2:9090",
                             "DAYBOOK_METRICS_PORT_9090_TCP_ADDR=10.0.0.2",
                             "DAYBOOK_NATS_PORT=tcp://10.0.0.3:4222",
                             "DAYBOOK_NATS_SERVICE_HOST=10.0.0.3",
                             "DAYBOOK_NATS_SERVICE_PORT=4222",
                             "DAYBOOK_NATS_SERVICE_PORT_MONITOR=8222",
                             "DAYBOOK_NATS_PORT_4222_TCP=tcp://10.0.0.3:4222",
                             "DAYBOOK_NATS_PORT_4222_TCP_PROTO=tcp",
                             "DAYBOOK_NATS_PORT_4222_TCP_PORT=4222",
                             "DAYBOOK_NATS_PORT_4222_TCP_ADDR=10.0.0.3"};
  const CommandLine line = Parse({"serve"}, links);
  EXPECT_EQ(line.action, CommandLine::Action::kServe);
  EXPECT_TRUE(ChangesBetween(line.config, Config()).empty());
  MistakeIn({"serve"}, {"DAYBOOK_PORT=8080"});
  MistakeIn({"serve"}, {"DAYBOOK_METRICS_PORT=9090"});
  MistakeIn({"serve"}, {"DAYBOOK_NATS_PORT=4222"});
}

TEST(Config, NoOptionIsNamedAsWhatKubernetesSetsForAService) {
  const testing::Matcher<std::string> link = testing::AnyOf(
      testing::EndsWith("_PORT"), testing::EndsWith("_SERVICE_HOST"), HasSubstr("_SERVICE_PORT_"),
      testing::ContainsRegex("_PORT_[0-9]+_(TCP|UDP|SCTP)"));
  for (const Option& option : Options()) EXPECT_THAT(option.variable(), testing::Not(link));
}

TEST(Config, AFileThatCannotBeReadOrUnderstoodIsAMistake) {
  EXPECT_THAT(MistakeIn({"serve", "--config", "/nonexistent/daybook.toml"}),
              AllOf(HasSubstr("/nonexistent/daybook.toml"), HasSubstr("No such file")));
  for (const char* text :
       {"[limits]\nmax-body = \"1Mi\"\n", "threads = [1, 2]\n",
        "threads = 1\nmax-body = \"1Mi\"\nthreads = 2\n", "config = \"other\"\n"}) {
    const File file(text);
    EXPECT_THAT(MistakeIn({"serve", "--config", file.path()}), HasSubstr(file.path())) << text;
  }
}

TEST(Config, WhatIsPrintedIsAFileWithTheSameOptions) {
  const std::string printed =
      PrintedBy({"serve", "--print-config", "--max-body", "1536"}, {"DAYBOOK_THREADS=5"});
  EXPECT_THAT(printed, AllOf(HasSubstr("max-body = \"1536\"  # --max-body\n"),
                             HasSubstr("threads = 5  # DAYBOOK_THREADS\n")));
  const File file(printed);
  const CommandLine line = Parse({"serve", "--config", file.path()});
  ASSERT_EQ(line.action, CommandLine::Action::kServe);
  Config expected;
  expected.max_body = 1536;
  expected.threads = 5;
  EXPECT_TRUE(ChangesBetween(expected, line.config).empty());
}

TEST(Config, RereadingTellsWhatChangedAndWhatTakesARestart) {
  File file("log-level = \"warn\"\n");
  const Arguments arguments = {"serve", "--config", file.path()};
  const CommandLine line = Parse(arguments);
  file.Write("log-level = \"debug\"\nmax-body = \"1Mi\"\n");
  const Result<Config> reread = Reread(arguments, {});
  ASSERT_TRUE(reread.ok());
  const std::vector<Change> changes = ChangesBetween(line.config, *reread);
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].name, "max-body");
  EXPECT_TRUE(changes[0].needs_restart);
  EXPECT_EQ(changes[1].name, "log-level");
  EXPECT_EQ(changes[1].before + ">" + changes[1].after, "warn>debug");
  EXPECT_FALSE(changes[1].needs_restart);
  file.Write("log-level = \"loud\"\n");
  EXPECT_THAT(Reread(arguments, {}).status().message(), HasSubstr("'loud'"));
}

TEST(Config, EveryOptionTakesWhatItPrints) {
  for (const Option& option : Options()) {
    Config config;
    const std::string text = option.get(config);
    EXPECT_TRUE(option.set(config, text)) << option.name;
    EXPECT_EQ(option.get(config), text) << option.name;
  }
}

TEST(Config, HelpIsNoMistakeAndHasEveryOption) {
  const std::string help = PrintedBy({"serve", "--help"});
  for (const Option& option : Options()) EXPECT_THAT(help, HasSubstr(option.flag()));
}

}  // namespace
}  // namespace daybook::config
