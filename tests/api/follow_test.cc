// Event streams and reads that wait, over a real socket, on each engine.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <utility>

#include "api/engines_test.h"
#include "http/eventually.h"

namespace daybook::api {
namespace {

using std::chrono::milliseconds;
using test::HttpClient;
using test::Reply;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kRecords = "/v1/logs/a/records";
constexpr const char* kEvents = "Accept: text/event-stream\r\n";

// An event stream as it comes, without chunks, since it is asked for in HTTP/1.0.
class Stream {
 public:
  Stream(std::uint16_t port, const std::string& target, const std::string& fields = kEvents)
      : client_(port) {
    client_.Send("GET " + target + " HTTP/1.0\r\n" + fields + "\r\n");
  }

  // What has come from where the last call ended up to `last`, with that.
  std::string ReadTo(const std::string& last) {
    const std::string read = client_.ReadThrough(last);
    return read.ends_with(last) ? read : read + "(it ended)";
  }
  std::string Head() { return ReadTo("\r\n\r\n"); }
  std::string Block() { return ReadTo("\n\n"); }
  std::string Rest() { return client_.ReadToEnd().value_or("(it did not end)"); }
  bool StaysSilent() { return client_.StaysSilent(milliseconds(30)); }
  HttpClient& client() { return client_; }

 private:
  HttpClient client_;
};

class FollowTest : public EnginesTest {
 protected:
  void SetUp() override {
    EnginesTest::SetUp();
    if (IsSkipped()) return;
    ASSERT_EQ(Ask("PUT", "/v1/logs/a").status, 201);
  }
  Reply Append(const std::string& text, const std::string& query = "") {
    return Ask("POST", kRecords + query, text, "Content-Type: text/plain\r\n");
  }
  Reply Read(const std::string& query, const std::string& fields = "") {
    return Ask("GET", std::string(kRecords) + "?" + query, "", fields);
  }
  // That has been told how it begins.
  Stream Follow(const std::string& query = "", const std::string& fields = kEvents) {
    Stream stream(server_->port(), std::string(kRecords) + (query.empty() ? "" : "?" + query),
                  fields);
    EXPECT_THAT(stream.Head(), HasSubstr("HTTP/1.1 200 OK\r\n"));
    return stream;
  }
  // That it waits, from the log's end as it is now on.
  void ExpectToWait(HttpClient& poller) {
    EXPECT_TRUE(test::Eventually([&] { return live_->waits.value() > 0; }));
    EXPECT_TRUE(poller.StaysSilent(milliseconds(SetsTime() ? 30 : 500)));
  }
  static std::string Event(int offset, const std::string& member) {
    return "id: " + std::to_string(offset) +
           "\nevent: record\ndata: {\"offset\":" + std::to_string(offset) +
           ",\"timestamp\":\"2023-11-14T22:13:20.000Z\"," + member + "}\n\n";
  }
  std::string Block(Stream& stream) {
    std::string block = stream.Block();
    ShowStart(block);
    return block;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, FollowTest, Engines(), EngineName);

TEST_P(FollowTest, RecordsComeAsTheyAreAppended) {
  Append("one");
  Stream stream = Follow("encoding=text");
  EXPECT_EQ(Block(stream), "retry: 2000\nid: -1\n\n");
  EXPECT_EQ(Block(stream), Event(0, R"("text":"one")"));
  EXPECT_TRUE(stream.StaysSilent());
  Append("two", "?key=k");
  EXPECT_EQ(Block(stream), Event(1, R"("key":"k","text":"two")"));
  Append("three");
  EXPECT_EQ(Block(stream), Event(2, R"("text":"three")"));
}

TEST_P(FollowTest, TheAnswerIsForNobodyToKeepOrHoldBack) {
  Stream stream(server_->port(), std::string(kRecords) + "?follow=sse", "");
  const std::string head = stream.Head();
  EXPECT_THAT(head, HasSubstr("\r\nContent-Type: text/event-stream\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nCache-Control: no-store\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nX-Accel-Buffering: no\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nLog-Id: "));
  EXPECT_THAT(head, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(Follow("", std::string(kEvents) + "Accept-Encoding: gzip\r\n").Block(),
              EndsWith("id: -1\n\n"));
}

TEST_P(FollowTest, ItBeginsWhereItIsAskedTo) {
  for (const char* text : {"0", "1", "2"}) Append(text);
  const auto first = [&](const std::string& query, const std::string& fields = kEvents) {
    Stream stream = Follow(query + "&encoding=text", fields);
    const std::string block = stream.Block();
    return block + stream.ReadTo("\n");
  };
  EXPECT_EQ(first("offset=1"), "retry: 2000\nid: 0\n\nid: 1\n");
  EXPECT_EQ(first("offset=first"), "retry: 2000\nid: -1\n\nid: 0\n");
  EXPECT_EQ(first("last=1"), "retry: 2000\nid: 1\n\nid: 2\n");
  EXPECT_EQ(first("since=2020-01-01T00:00:00Z"), "retry: 2000\nid: -1\n\nid: 0\n");
  EXPECT_EQ(first("last_event_id=-1"), "retry: 2000\nid: -1\n\nid: 0\n");
  EXPECT_EQ(first("last_event_id=0&offset=first"), "retry: 2000\nid: 0\n\nid: 1\n");
  EXPECT_EQ(first("last_event_id=0", std::string(kEvents) + "Last-Event-ID: 1\r\n"),
            "retry: 2000\nid: 1\n\nid: 2\n");
  for (const char* query : {"offset=next", "offset=3", "last_event_id=2", "last=0"}) {
    Stream stream = Follow(query);
    EXPECT_EQ(stream.Block(), "retry: 2000\nid: 2\n\n") << query;
    EXPECT_TRUE(stream.StaysSilent()) << query;
  }
}

TEST_P(FollowTest, WhatIsWrongIsNamed) {
  Append("0");
  const auto refused = [&](const std::string& query, const std::string& fields = kEvents) {
    return Read(query, fields);
  };
  ExpectProblem(refused("offset=2"), 416, "beyond-the-end", "\"next_offset\":1");
  ExpectProblem(refused("last_event_id=1"), 416, "beyond-the-end", "\"next_offset\":1");
  ExpectProblem(refused("last_event_id=-2"), 400, "invalid-parameter", "'last_event_id'");
  ExpectProblem(refused("", std::string(kEvents) + "Last-Event-ID: x\r\n"), 400, "invalid-header",
                "Last-Event-ID");
  for (const char* query : {"limit=1", "max_bytes=1", "wait=1s"}) {
    ExpectProblem(refused(query), 400, "invalid-parameter",
                  "'" + std::string(query).substr(0, std::string(query).find('=')) + "'");
  }
  ExpectProblem(refused("last_event_id=0", ""), 400, "invalid-parameter", "'last_event_id'");
  ExpectProblem(Ask("GET", "/v1/logs/none/records?follow=sse"), 404, "no-such-log", "none");
}

TEST_P(FollowTest, HeadHasTheFieldsAloneAndAtOnce) {
  const Reply reply = Ask("HEAD", std::string(kRecords) + "?follow=sse");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Field("content-type"), "text/event-stream");
  EXPECT_EQ(Ask("HEAD", std::string(kRecords) + "?wait=30s").status, 200);
}

TEST_P(FollowTest, OneOfManyFollowersGetsAllThatTheOthersGet) {
  constexpr int kRecordsEach = 200;
  std::vector<Stream> streams;
  for (int i = 0; i < 20; ++i) streams.push_back(Follow("encoding=text"));
  std::thread appender([&] {
    for (int i = 0; i < kRecordsEach; ++i) Append(std::to_string(i));
  });
  for (Stream& stream : streams) {
    EXPECT_EQ(stream.Block(), "retry: 2000\nid: -1\n\n");
    for (int i = 0; i < kRecordsEach; ++i) {
      const std::string block = Block(stream);
      EXPECT_EQ(block, Event(i, "\"text\":\"" + std::to_string(i) + "\""));
      if (block.ends_with("(it ended)")) break;
    }
  }
  appender.join();
}

TEST_P(FollowTest, ALongLogIsFollowedFromItsStart) {
  std::string lines;
  constexpr int kMany = 5'000;
  for (int i = 0; i < kMany; ++i) lines += R"({"text":")" + std::string(100, 'x') + "\"}\n";
  for (std::size_t at = 0; at < lines.size();) {  // as many as each engine takes at once
    const std::size_t end = std::min(lines.size(), at + lines.size() / 10);
    ASSERT_EQ(
        Ask("POST", kRecords, lines.substr(at, end - at), "Content-Type: application/x-ndjson\r\n")
            .status,
        201);
    at = end;
  }
  Stream stream = Follow("encoding=text");
  stream.Block();
  const auto expect_next = [&](int offset) {
    const std::string block = stream.Block();
    EXPECT_THAT(block, testing::StartsWith("id: " + std::to_string(offset) + "\n"));
    return block.starts_with("id: " + std::to_string(offset) + "\n");
  };
  for (int i = 0; i < kMany; ++i) ASSERT_TRUE(expect_next(i));
  Append("live");
  ASSERT_TRUE(expect_next(kMany));
}

TEST_P(FollowTest, OnlyRecordsWithTheKeyAreGiven) {
  Append("0", "?key=a");
  Stream stream = Follow("key=a&encoding=text");
  stream.Block();
  EXPECT_EQ(Block(stream), Event(0, R"("key":"a","text":"0")"));
  Append("1", "?key=b");
  Append("2");
  Append("3", "?key=a");
  EXPECT_EQ(Block(stream), Event(3, R"("key":"a","text":"3")"));
}

TEST_P(FollowTest, ATrimmedPositionIsAGap) {
  for (const char* text : {"0", "1", "2"}) Append(text);
  ASSERT_EQ(Ask("POST", "/v1/logs/a/trim", R"({"before":2})", "Content-Type: application/json\r\n")
                .status,
            200);
  Stream stream = Follow("offset=0&encoding=text");
  EXPECT_EQ(stream.Block(), "retry: 2000\nid: -1\n\n");
  EXPECT_EQ(stream.Block(), "event: gap\ndata: {\"first_offset\":2,\"reason\":\"trimmed\"}\n\n");
  EXPECT_EQ(Block(stream), Event(2, R"("text":"2")"));
}

TEST_P(FollowTest, ADeletedLogsFollowersAndPollersEndAndKnowNothingOfTheNextOne) {
  Stream stream = Follow();
  stream.Block();
  HttpClient poller(server_->port());
  poller.Send(test::Get(std::string(kRecords) + "?wait=30s"));
  EXPECT_TRUE(poller.StaysSilent(milliseconds(30)));
  ASSERT_EQ(Ask("DELETE", "/v1/logs/a").status, 204);
  EXPECT_EQ(poller.Read()->status, 404);
  EXPECT_EQ(stream.Rest(), "event: end\ndata: {\"reason\":\"deleted\"}\n\n");
  ASSERT_EQ(Ask("PUT", "/v1/logs/a").status, 201);
  Append("of the next");
  EXPECT_EQ(Follow().Block(), "retry: 2000\nid: -1\n\n");
}

TEST_P(FollowTest, ADrainEndsFollowersAndWaits) {
  Stream stream = Follow();
  stream.Block();
  HttpClient poller(server_->port());
  poller.Send(test::Get(std::string(kRecords) + "?wait=30s"));
  EXPECT_TRUE(poller.StaysSilent(milliseconds(30)));
  auto drained =
      std::async(std::launch::async, [&] { return server_->Drain(milliseconds(20'000)); });
  EXPECT_EQ(stream.Rest(), "event: end\ndata: {\"reason\":\"draining\"}\n\n");
  const auto reply = poller.Read();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->body, "{\"records\":[],\"next_offset\":0}\n");
  stream.client().HalfClose();
  poller.HalfClose();
  EXPECT_TRUE(drained.get());
}

TEST_P(FollowTest, AReadWaitsForItsFirstRecord) {
  HttpClient poller(server_->port());
  poller.Send(test::Get(std::string(kRecords) + "?offset=next&wait=30s&encoding=text"));
  ExpectToWait(poller);
  Append("one");
  const auto reply = poller.Read();
  ASSERT_TRUE(reply.has_value());
  EXPECT_THAT(reply->body, HasSubstr(R"("text":"one"}],"next_offset":1})"));
  EXPECT_EQ(reply->Field("end-offset"), "1");
  EXPECT_EQ(reply->Field("cache-control"), "no-store");
}

TEST_P(FollowTest, AReadThatWaitedInVainIsAnEmptyPage) {
  Append("one");
  for (const char* query : {"offset=next&wait=20ms", "offset=1&wait=20ms", "offset=next&wait=0"}) {
    const Reply reply = Read(query);
    EXPECT_EQ(reply.status, 200) << query;
    EXPECT_EQ(reply.body, "{\"records\":[],\"next_offset\":1}\n") << query;
    EXPECT_EQ(reply.Field("end-offset"), "1") << query;
  }
}

TEST_P(FollowTest, AReadThatFindsRecordsWaitsForNoMore) {
  Append("one");
  const Reply reply = Read("wait=30s&limit=10&encoding=text");
  EXPECT_THAT(reply.body, HasSubstr("\"text\":\"one\"}],\"next_offset\":1}"));
  ExpectProblem(Read("offset=2&wait=30s"), 416, "beyond-the-end", "\"next_offset\":1");
}

TEST_P(FollowTest, AReadOfOneKeyWaitsForThat) {
  Append("one", "?key=b");
  HttpClient poller(server_->port());
  poller.Send(test::Get(std::string(kRecords) + "?key=a&wait=30s&encoding=text"));
  EXPECT_TRUE(poller.StaysSilent(milliseconds(30)));
  Append("two", "?key=b");
  Append("three", "?key=a");
  const auto reply = poller.Read();
  ASSERT_TRUE(reply.has_value());
  EXPECT_THAT(reply->body, HasSubstr("\"key\":\"a\",\"text\":\"three\"}],\"next_offset\":3}"));
  EXPECT_EQ(Read("key=c&wait=20ms").body, "{\"records\":[],\"next_offset\":3}\n");
}

TEST_P(FollowTest, AReadOfTheLastSoManyThatWaitedGivesNoMore) {
  HttpClient poller(server_->port());
  poller.Send(test::Get(std::string(kRecords) + "?last=1&limit=9&wait=30s&encoding=text"));
  ExpectToWait(poller);
  Ask("POST", kRecords, R"({"records":[{"text":"one"},{"text":"two"}]})",
      "Content-Type: application/json\r\n");
  const auto reply = poller.Read();
  ASSERT_TRUE(reply.has_value());
  EXPECT_THAT(reply->body, HasSubstr("\"text\":\"one\"}],\"next_offset\":1}"));
}

TEST_P(FollowTest, WhatTheNextRecordsAreIsNotKept) {
  const std::string id = Read("limit=1").Field("log-id");
  HttpClient poller(server_->port());
  poller.Send(test::Get(std::string(kRecords) + "?offset=next&limit=1&wait=30s&log_id=" + id));
  ExpectToWait(poller);
  Ask("POST", kRecords, R"({"records":[{"text":"one"},{"text":"two"}]})",
      "Content-Type: application/json\r\n");
  const auto reply = poller.Read();
  ASSERT_TRUE(reply.has_value());
  EXPECT_THAT(reply->Field("cache-control"), Not(HasSubstr("max-age")));
}

TEST_P(FollowTest, AWaitIgnoresIfNoneMatch) {
  Append("one");
  Append("two");
  const std::string tag = Read("limit=1").Field("etag");
  EXPECT_EQ(Read("limit=1", "If-None-Match: " + tag + "\r\n").status, 304);
  EXPECT_EQ(Read("limit=1&wait=1s", "If-None-Match: " + tag + "\r\n").status, 200);
}

}  // namespace
}  // namespace daybook::api
