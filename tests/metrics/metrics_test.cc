// What a scrape says, of a real server with every route.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <ctime>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>

#include "api/api.h"
#include "http/server.h"
#include "log/memory_store.h"
#include "metrics/catalogue.h"
#include "metrics/collectors.h"
#include "metrics/registry.h"
#include "support/http_client.h"

namespace daybook::metrics {
namespace {

using test::Get;
using test::HttpClient;
using test::Post;
using test::Reply;
using testing::HasSubstr;

class MetricsTest : public testing::Test {
 protected:
  MetricsTest() {
    http::ServerOptions options;
    options.listen_address = "127.0.0.1:0";
    server_ = std::move(
        *http::Server::Start(options, api::MakeRouter(
                                          store_, {"1.2.3", "abc", "g++"}, {1 << 20},
                                          [this] { return registry_.Text(); }, nullptr, live_)));
    http_ = std::make_unique<HttpCollector>(std::vector<const http::Server*>{server_.get()});
    registry_.Add(*http_);
    registry_.Add(process_);
    registry_.Add(logging_);
    registry_.Add(logs_);
    registry_.Add(live_collector_);
    registry_.Add(access_);
  }

  Reply Ask(HttpClient& client, const std::string& request, bool to_head = false) {
    client.Send(request);
    const auto reply = client.Read(to_head);
    EXPECT_TRUE(reply.has_value()) << request;
    return reply.value_or(Reply{});
  }
  Reply Scrape(const std::string& fields = "") {
    HttpClient client(server_->port());
    return Ask(client, Get("/metrics", fields));
  }
  // What stands before each sample's value.
  std::set<std::string> Series() {
    std::set<std::string> series;
    std::istringstream text(Scrape().body);
    for (std::string line; std::getline(text, line);) {
      if (line.rfind('#', 0) != 0) series.insert(line.substr(0, line.rfind(' ')));
    }
    return series;
  }

  logging::Writer writer_{STDERR_FILENO, logging::Format::kText};
  log::MemoryLogStore store_{Clock::System(), 8 << 20};
  Registry registry_;
  const std::shared_ptr<api::LiveStats> live_ = std::make_shared<api::LiveStats>();
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<HttpCollector> http_;
  ProcessCollector process_{"1.2.3", "abc", "g++", "memory"};
  LoggingCollector logging_{writer_};
  LogCollector logs_{store_, {3, 4}};
  LiveCollector live_collector_{live_};
  AccessCollector access_{{}};
};

// No engine has all of them.
class EveryEngine : public log::MemoryLogStore {
 public:
  using MemoryLogStore::MemoryLogStore;
  std::optional<log::CommitStats> commit_stats() const override { return log::CommitStats{}; }
  std::optional<log::ReplicationStats> replication_stats() const override {
    log::ReplicationStats stats;
    stats.errors = {{"refused", 7}};
    return stats;
  }
};

TEST_F(MetricsTest, EveryMetricOfTheCatalogueIsThereAndNoOther) {
  EveryEngine store(Clock::System(), 8 << 20);
  const LogCollector logs(store);
  registry_.Remove(logs_);
  registry_.Add(logs);
  std::set<std::string> expected;
  for (const Metric* metric : kAllMetrics) expected.insert(metric->name);
  EXPECT_EQ(expected.size(), kAllMetrics.size());
  std::set<std::string> found;
  std::istringstream text(Scrape().body);
  for (std::string line; std::getline(text, line);) {
    if (line.rfind("# TYPE ", 0) != 0) continue;
    const std::string name = line.substr(7, line.find(' ', 7) - 7);
    EXPECT_TRUE(found.insert(name).second) << name << " comes twice";
  }
  EXPECT_EQ(found, expected);
  registry_.Remove(logs);
}

TEST_F(MetricsTest, FollowersAndWaitsAreCountedWhileTheyAreThere) {
  HttpClient waiting(server_->port());
  HttpClient follower(server_->port());
  waiting.Send(Get("/v1/logs/default/records?wait=30s"));
  follower.Send(Get("/v1/logs/default/records?follow=sse"));
  follower.ReadThrough("id: -1\n\n");
  EXPECT_TRUE(waiting.StaysSilent(std::chrono::milliseconds(20)));
  const std::string before = Scrape().body;
  EXPECT_THAT(before, HasSubstr("\ndaybook_live_waits 1\n"));
  EXPECT_THAT(before, HasSubstr("\ndaybook_live_followers 1\n"));
  HttpClient appender(server_->port());
  EXPECT_EQ(Ask(appender, Post("/", R"({"record":{"value":"YQ=="}})")).status, 200);
  EXPECT_EQ(waiting.Read()->status, 200);
  follower.ReadThrough("event: record");
  follower.HalfClose();
  follower.ReadToEnd();
  const std::string after = Scrape().body;
  EXPECT_THAT(after, HasSubstr("\ndaybook_live_waits 0\n"));
  EXPECT_THAT(after, HasSubstr("\ndaybook_live_followers 0\n"));
  EXPECT_THAT(after, HasSubstr("\ndaybook_live_records_total 1\n"));
  EXPECT_THAT(after, HasSubstr("\ndaybook_live_ends_total{reason=\"client\"} 1\n"));
  EXPECT_THAT(after, HasSubstr("\ndaybook_live_delay_seconds_count 1\n"));
}

TEST_F(MetricsTest, TheContentTypeIsExactWhateverAcceptSays) {
  for (const char* accept : {"", "Accept: application/openmetrics-text; version=1.0.0\r\n",
                             "Accept: text/html\r\n", "Accept: */*;q=0\r\n"}) {
    const Reply reply = Scrape(accept);
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.Field("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  }
}

TEST_F(MetricsTest, HeadHasTheFieldsAndNoBody) {
  HttpClient client(server_->port());
  const Reply reply = Ask(client, "HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\n", true);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Field("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_GT(std::stoul(reply.Field("content-length")), 1000U);
}

TEST_F(MetricsTest, GzipIsForThoseWhoAskForIt) {
  EXPECT_EQ(Scrape().Field("content-encoding"), "");
  const Reply reply = Scrape("Accept-Encoding: gzip\r\n");
  EXPECT_EQ(reply.Field("content-encoding"), "gzip");
  EXPECT_EQ(reply.Field("vary"), "Accept-Encoding");
  EXPECT_EQ(reply.body.substr(0, 2), "\x1F\x8B");
}

TEST_F(MetricsTest, NothingThatClientsSendMakesASeries) {
  const std::set<std::string> before = Series();
  HttpClient client(server_->port());
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_EQ(Ask(client, Get("/random/" + std::to_string(i * 7919))).status, 404);
    EXPECT_EQ(Ask(client, Get("/?offset=" + std::to_string(i))).status, 404);
  }
  for (int i = 0; i < 100; ++i) {
    HttpClient inventor(server_->port());
    EXPECT_EQ(Ask(inventor, "METHOD" + std::to_string(i) + " / HTTP/1.1\r\nHost: a\r\n\r\n").status,
              501);
  }
  for (const char* method : {"PATCH", "PUT", "DELETE"})
    EXPECT_EQ(Ask(client, std::string(method) + " / HTTP/1.1\r\nHost: a\r\n\r\n").status, 405);
  EXPECT_EQ(Ask(client, "OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n").status, 204);
  EXPECT_THAT(Series(), testing::ContainerEq(before));
}

TEST_F(MetricsTest, WhatIsDoneIsCounted) {
  HttpClient client(server_->port());
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(Ask(client, Post("/", R"({"record":{"value":"YWJj"}})")).status, 200);
  EXPECT_EQ(Ask(client, Get("/?offset=1")).status, 200);
  const std::string text = Scrape().body;
  for (const char* sample :
       {"daybook_http_requests_total{route=\"/\",method=\"POST\",code=\"200\"} 3\n",
        "daybook_http_requests_total{route=\"/\",method=\"GET\",code=\"200\"} 1\n",
        "daybook_http_request_duration_seconds_count{route=\"/\"} 4\n",
        "daybook_http_request_duration_seconds_bucket{route=\"/\",le=\"+Inf\"} 4\n",
        "daybook_http_requests_in_flight 1\n", "daybook_http_connections 2\n",
        "daybook_http_connections_accepted_total 2\n", "daybook_log_appended_records_total 3\n",
        "daybook_log_appended_bytes_total 9\n", "daybook_log_read_records_total 1\n",
        "daybook_log_read_bytes_total 3\n", "daybook_log_next_offset{log=\"default\"} 3\n",
        "daybook_log_first_offset{log=\"default\"} 0\n", "daybook_logging_dropped_lines_total 0\n",
        "daybook_build_info{version=\"1.2.3\",revision=\"abc\",compiler=\"g++\",engine=\"memory\"} "
        "1\n"}) {
    EXPECT_THAT(text, HasSubstr(sample));
  }
}

class LogSeriesTest : public MetricsTest {
 protected:
  void Make(const std::string& name) {
    HttpClient client(server_->port());
    EXPECT_EQ(Ask(client, "PUT /v1/logs/" + name + " HTTP/1.1\r\nHost: a\r\n\r\n").status, 201);
  }
  void PutCursor(const std::string& log, const std::string& name, int offset) {
    HttpClient client(server_->port());
    const std::string body = "{\"offset\":" + std::to_string(offset) + "}";
    const Reply reply =
        Ask(client, "PUT /v1/logs/" + log + "/cursors/" + name +
                        " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" +
                        "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_EQ(reply.status, 201) << reply.body;
  }
  void Append(const std::string& log) {
    HttpClient client(server_->port());
    EXPECT_EQ(Ask(client, Post("/v1/logs/" + log + "/records", "a", "Content-Type: text/plain\r\n"))
                  .status,
              201);
  }
  // The logs that have a sample of that metric, in its order.
  std::string LogsWith(const std::string& metric) {
    std::string logs;
    std::istringstream text(Scrape().body);
    for (std::string line; std::getline(text, line);) {
      if (line.rfind(metric + "{log=\"", 0) != 0) continue;
      const std::size_t begin = metric.size() + 6;
      logs += line.substr(begin, line.find('"', begin) - begin) + " ";
    }
    return logs;
  }
};

TEST_F(LogSeriesTest, EachLogHasItsOwn) {
  Make("a");
  Append("a");
  const std::string text = Scrape().body;
  for (const char* sample :
       {"daybook_log_next_offset{log=\"a\"} 1\n", "daybook_log_next_offset{log=\"default\"} 0\n",
        "daybook_log_first_offset{log=\"a\"} 0\n", "daybook_log_cursors{log=\"a\"} 0\n",
        "daybook_logs 2\n", "daybook_logs_without_series 0\n"})
    EXPECT_THAT(text, HasSubstr(sample));
}

TEST_F(LogSeriesTest, NoMoreThanAreAllowedHaveTheirOwnAndDefaultAlways) {
  for (const char* name : {"z", "b", "a", "c"}) Make(name);
  EXPECT_EQ(LogsWith("daybook_log_next_offset"), "default a b ");
  EXPECT_EQ(LogsWith("daybook_log_cursors"), "default a b ");
  EXPECT_THAT(Scrape().body, HasSubstr("daybook_logs 5\n"));
  EXPECT_THAT(Scrape().body, HasSubstr("daybook_logs_without_series 2\n"));
  HttpClient client(server_->port());
  Ask(client, "DELETE /v1/logs/a HTTP/1.1\r\nHost: a\r\n\r\n", true);
  EXPECT_EQ(LogsWith("daybook_log_next_offset"), "default b c ");
}

TEST_F(LogSeriesTest, ACursorHasItsOffsetAndItsLag) {
  for (int i = 0; i < 3; ++i) Append("default");
  PutCursor("default", "c", 1);
  const std::string text = Scrape().body;
  EXPECT_THAT(text, HasSubstr("daybook_cursor_offset{log=\"default\",cursor=\"c\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("daybook_cursor_lag_records{log=\"default\",cursor=\"c\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("daybook_log_cursors{log=\"default\"} 1\n"));
}

TEST_F(LogSeriesTest, NoMoreCursorsThanAreAllowedHaveTheirOwn) {
  Make("a");
  Make("b");
  for (const char* name : {"1", "2", "3"}) {
    PutCursor("b", name, 0);
    PutCursor("a", name, 0);
  }
  PutCursor("default", "x", 0);
  EXPECT_EQ(LogsWith("daybook_cursor_offset"), "default a a a ");
  EXPECT_EQ(LogsWith("daybook_cursor_lag_records"), "default a a a ");
  EXPECT_THAT(Scrape().body, HasSubstr("daybook_cursors_without_series 3\n"));
}

TEST_F(MetricsTest, WhatAStoreTellsLaterIsToldAtTheNextScrape) {
  class LateStore : public log::MemoryLogStore {
   public:
    LateStore() : MemoryLogStore(Clock::System(), 8 << 20) {}
    void List(std::string_view, std::string_view, std::size_t, log::ListDone done) override {
      owed_ = std::move(done);
    }
    void Tell() { MemoryLogStore::List("", "", 10, std::move(owed_)); }

   private:
    log::ListDone owed_;
  };
  LateStore store;
  const LogCollector late(store);
  registry_.Remove(logs_);
  registry_.Add(late);
  const char* const sample = "daybook_log_next_offset{log=\"default\"} 0\n";
  EXPECT_THAT(Scrape().body, testing::Not(HasSubstr(sample)));
  store.Tell();
  EXPECT_THAT(Scrape().body, HasSubstr(sample));
  registry_.Remove(late);
}

TEST_F(MetricsTest, TheProcessMetricsAreThisProcesss) {
  const std::string text = Scrape().body;
  const auto value_of = [&](const std::string& name) {
    const std::size_t at = text.find("\n" + name + " ");
    EXPECT_NE(at, std::string::npos) << name;
    return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
  };
  const auto now = static_cast<double>(std::time(nullptr));
  EXPECT_GT(value_of("process_start_time_seconds"), now - 3600);
  EXPECT_LE(value_of("process_start_time_seconds"), now + 1);
  EXPECT_GT(value_of("process_resident_memory_bytes"), 1 << 20);
  EXPECT_GT(value_of("process_virtual_memory_bytes"), value_of("process_resident_memory_bytes"));
  EXPECT_GE(value_of("process_cpu_seconds_total"), 0);
  EXPECT_GE(value_of("process_threads"), 2);
  EXPECT_GE(value_of("process_open_fds"), 8);
  EXPECT_GT(value_of("process_max_fds"), value_of("process_open_fds"));
}

}  // namespace
}  // namespace daybook::metrics
