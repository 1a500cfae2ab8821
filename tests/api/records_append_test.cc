// Appends to a log over a real socket, on each engine.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>

#include "api/engines_test.h"
#include "support/find_log.h"

namespace daybook::api {
namespace {

using test::Reply;
using testing::HasSubstr;

constexpr const char* kRecords = "/v1/logs/default/records";
constexpr const char* kJson = "Content-Type: application/json\r\n";
constexpr const char* kNdjson = "Content-Type: application/x-ndjson\r\n";
constexpr const char* kOneRecord = R"({"records":[{"text":"a"}]})";

constexpr std::size_t kValueBytesMax = 1 << 20;

ApiLimits SmallLimits() {
  ApiLimits limits;
  limits.batch_records_max = 5;
  limits.record = {kValueBytesMax, 8, 2, 16};
  return limits;
}

class RecordsAppendTest : public EnginesTest {
 protected:
  RecordsAppendTest() : EnginesTest(SmallLimits()) {}

  Reply Append(const std::string& body, const std::string& fields = kJson,
               const std::string& target = kRecords) {
    return Ask("POST", target, body, fields);
  }
  // Refused as a client's mistake, and nothing was appended.
  void ExpectRefused(const Reply& reply, int status, const std::string& kind,
                     const std::string& named) {
    ExpectProblem(reply, status, kind, named);
    EXPECT_THAT(reply.body, HasSubstr(R"("outcome":"not_appended")"));
    EXPECT_EQ(End(), end_) << reply.body;
  }
  void ExpectAppended(const Reply& reply, std::uint64_t count = 1) {
    EXPECT_EQ(reply.status, 201) << reply.body;
    end_ += count;
    EXPECT_EQ(End(), end_);
  }
  std::uint64_t End() {
    std::promise<std::uint64_t> end;
    test::FindLog(*store_)->Info(
        [&](const Result<log::LogInfo>& info) { end.set_value(info->next_offset.value); });
    return end.get_future().get();
  }
  // The value of the record at `offset`, in base64.
  std::string Stored(std::uint64_t offset) {
    std::string body = Ask("GET", "/?offset=" + std::to_string(offset)).body;
    body.erase(0, body.find("value") + 8);
    return body.substr(0, body.find('"'));
  }

  // Leaves no room for another record of kValueBytesMax.
  void Fill() {
    if (std::string(GetParam()) == "disk") return files_.SetCapacity(0);
    log::Batch batch(1);
    batch.front().value = std::string(kMemoryBytes - kValueBytesMax, 'a');
    end_ = test::AppendAndWait(*test::FindLog(*store_), std::move(batch))->next_offset.value;
  }

  std::uint64_t end_ = 0;
};

TEST_P(RecordsAppendTest, AnAppendIsAnsweredWithWhereItStands) {
  const Reply first = Append(R"({"records":[{"text":"a"},{"value":"AP8="},{"json":[1]}]})");
  ExpectAppended(first, 3);
  EXPECT_EQ(first.body,
            "{\"first_offset\":0,\"last_offset\":2,\"count\":3,\"next_offset\":3,"
            "\"timestamp\":\"2023-11-14T22:13:20.000Z\"}\n");
  EXPECT_EQ(first.Field("content-type"), "application/json");
  EXPECT_EQ(first.Field("location"), "/v1/logs/default/records/0");
  EXPECT_EQ(first.Field("durability"), DurabilityHere());
  EXPECT_EQ(first.Field("cache-control"), "no-store");
  EXPECT_EQ(first.Field("idempotency-replayed"), "");
  const Reply second = Append(kOneRecord);
  ExpectAppended(second);
  EXPECT_THAT(second.body, HasSubstr(R"("first_offset":3,"last_offset":3,"count":1)"));
  EXPECT_EQ(second.Field("location"), "/v1/logs/default/records/3");
  EXPECT_EQ(Stored(0), "YQ==");
  EXPECT_EQ(Stored(1), "AP8=");
  EXPECT_EQ(Stored(2), "WzFd");
}

TEST_P(RecordsAppendTest, EachLineOfNdjsonIsARecord) {
  ExpectAppended(Append("{\"text\":\"a\"}\r\n\n{\"text\":\"b\"}", kNdjson), 2);
  EXPECT_EQ(Stored(1), "Yg==");
  ExpectRefused(Append("{\"text\":\"a\"}\n\n{\"txt\":\"b\"}\n", kNdjson), 400, "invalid-body",
                R"("index":1,"line":3)");
}

TEST_P(RecordsAppendTest, AnyOtherNamedTypeIsOneRecordAsItIs) {
  for (const char* type : {"application/octet-stream", "text/plain; charset=utf-8", "text/csv",
                           "image/png", "application/cloudevents+json", "application/xml"}) {
    ExpectAppended(
        Append(std::string("\0\xFF\r\n", 4), std::string("Content-Type: ") + type + "\r\n"));
    EXPECT_EQ(Stored(end_ - 1), "AP8NCg==") << type;
  }
  ExpectAppended(Append("", "Content-Type: text/plain\r\n"));
  EXPECT_EQ(Stored(end_ - 1), "");
}

TEST_P(RecordsAppendTest, ARawRecordMayHaveAKey) {
  const std::string raw = "Content-Type: text/plain\r\n";
  const std::string target = kRecords;
  ExpectAppended(Append("a", raw, target + "?key=%C3%BC+1"));
  std::promise<std::string> key;
  test::FindLog(*store_)->Read(Offset(0), {}, [&](const Result<log::Page>& page) {
    key.set_value(std::string(page->records.front().key.value_or("none")));
  });
  EXPECT_EQ(key.get_future().get(), "\xC3\xBC+1");
  ExpectRefused(Append("a", raw, target + "?key=%FF"), 400, "invalid-parameter", "'key'");
  ExpectRefused(Append("a", raw, target + "?key=%0a"), 400, "invalid-parameter", "'key'");
  ExpectRefused(Append("a", raw, target + "?key=123456789"), 413, "record-too-large", "key has 9");
  ExpectRefused(Append(kOneRecord, kJson, target + "?key=k"), 400, "invalid-parameter", "'key'");
  ExpectRefused(Append("{\"text\":\"\"}", kNdjson, target + "?key=k"), 400, "invalid-parameter",
                "'key'");
  ExpectRefused(Append("a", raw, target + "?kee=k"), 400, "invalid-parameter", "'kee'");
  ExpectRefused(Append("a", raw, target + "?log_id=1"), 400, "invalid-parameter", "'log_id'");
}

TEST_P(RecordsAppendTest, ABodyWhoseTypeWasNotMeantIs415AndIsToldWhatToSend) {
  for (const char* fields :
       {"", "Content-Type: application/x-www-form-urlencoded\r\n",
        "Content-Type: multipart/form-data; boundary=x\r\n", "Content-Type: json\r\n",
        "Content-Type: application/json\r\nContent-Type: text/plain\r\n"}) {
    const Reply reply = Append(kOneRecord, fields);
    ExpectRefused(reply, 415, "unsupported-media-type", "send Content-Type: application/json");
    EXPECT_THAT(reply.body, HasSubstr("curl -H 'Content-Type: application/json' -d "));
  }
  const Reply coded = Append(kOneRecord, std::string(kJson) + "Content-Encoding: gzip\r\n");
  ExpectRefused(coded, 415, "unsupported-coding", "Content-Encoding");
  EXPECT_EQ(coded.Field("accept-encoding"), "identity");
}

TEST_P(RecordsAppendTest, ABatchWithABadRecordAppendsNoneOfIt) {
  ExpectRefused(Append(R"({"records":[{"text":"a"},{"text":"b"},{"value":"!"}]})"), 400,
                "invalid-body", R"("index":2)");
  ExpectRefused(Append(R"({"records":[]})"), 400, "invalid-body", "no records");
  ExpectRefused(Append("\n\n", kNdjson), 400, "invalid-body", "no records");
  ExpectRefused(Append(R"({"records":[{"text":"a"}],"more":1})"), 400, "invalid-body", "more");
  ExpectRefused(Append(R"({"records":[{"text":"a","kee":1}]})"), 400, "invalid-body", "kee");
  ExpectRefused(Append(R"({"records":[{"text":"a","text":"b"}]})"), 400, "invalid-body", "twice");
  ExpectRefused(Append("\xEF\xBB\xBF{}"), 400, "invalid-body", "byte order mark");
}

TEST_P(RecordsAppendTest, WhatIsAboveALimitIs413) {
  const std::string line = "{\"text\":\"a\"}\n";
  ExpectAppended(Append(line + line + line + line + line, kNdjson), 5);
  ExpectRefused(Append(line + line + line + line + line + line, kNdjson), 413, "batch-too-large",
                "more than 5 records");
  ExpectRefused(Append(R"({"records":[{"text":"a"},{"text":")" +
                       std::string(kValueBytesMax + 1, 'a') + "\"}]}"),
                413, "record-too-large", R"("index":1)");
  ExpectRefused(Append(std::string(kValueBytesMax + 1, 'a'), "Content-Type: text/plain\r\n"), 413,
                "record-too-large", "1048577 bytes");
  ExpectRefused(Append(R"({"records":[{"text":"a","key":"123456789"}]})"), 413, "record-too-large",
                "key has 9 bytes");
  ExpectRefused(Append(R"({"records":[{"text":"a","headers":{"a":"","b":"","c":""}}]})"), 413,
                "record-too-large", "3 headers");
  ExpectRefused(Append(R"({"records":[{"text":"a","headers":{"a":"1234567890123456"}}]})"), 413,
                "record-too-large", "17 bytes");
}

TEST_P(RecordsAppendTest, AConditionIsOfTheLogsEnd) {
  const auto expecting = [&](const std::string& offset) {
    return Append(kOneRecord, kJson + ("Expected-Next-Offset: " + offset + "\r\n"));
  };
  ExpectAppended(expecting("0"));
  ExpectRefused(expecting("0"), 412, "condition-failed", R"("next_offset":1)");
  ExpectRefused(expecting("2"), 412, "condition-failed", R"("next_offset":1)");
  ExpectAppended(expecting("1"));
  for (const char* offset :
       {"", "-1", "+2", "2.0", "0x2", "2,", "2\r\nExpected-Next-Offset: 2", "18446744073709551616"})
    ExpectRefused(expecting(offset), 400, "invalid-header", "Expected-Next-Offset");
  for (const char* name : {"If-Match: \"2\"\r\n", "If-None-Match: *\r\n"})
    ExpectRefused(Append(kOneRecord, std::string(kJson) + name), 400, "invalid-header",
                  "send Expected-Next-Offset: N");
}

TEST_P(RecordsAppendTest, ARepeatGetsTheFirstAnswerAgain) {
  const auto keyed = [&](const std::string& key, const std::string& body = kOneRecord) {
    return Append(body, kJson + ("Idempotency-Key: " + key + "\r\n"));
  };
  const Reply first = keyed("abc");
  ExpectAppended(first);
  EXPECT_EQ(first.Field("idempotency-replayed"), "");
  SetTime(1'700'000'001'000);
  for (const char* same : {"abc", "\"abc\""}) {
    const Reply repeat = keyed(same);
    EXPECT_EQ(repeat.status, 201);
    EXPECT_EQ(repeat.body, first.body);
    EXPECT_EQ(repeat.Field("location"), first.Field("location"));
    EXPECT_EQ(repeat.Field("idempotency-replayed"), "true");
  }
  // The same records in another form are the same records.
  const Reply as_lines =
      Append("{\"value\":\"YQ==\"}\n", kNdjson + std::string("Idempotency-Key: abc\r\n"));
  EXPECT_EQ(as_lines.body, first.body);
  ExpectRefused(keyed("abc", R"({"records":[{"text":"b"}]})"), 422, "key-reused", "other records");
  ExpectAppended(keyed("\"a\\\"b\\\\c\""));
  EXPECT_EQ(keyed("a\"b\\c").Field("idempotency-replayed"), "true");
}

TEST_P(RecordsAppendTest, AReplayComesBeforeTheConditionAndTheShapeBeforeBoth) {
  const std::string fields =
      std::string(kJson) + "Idempotency-Key: k\r\nExpected-Next-Offset: 0\r\n";
  ExpectAppended(Append(kOneRecord, fields));
  EXPECT_EQ(Append(kOneRecord, fields).Field("idempotency-replayed"), "true");
  ExpectRefused(Append("{}", fields), 400, "invalid-body", "records");
}

TEST_P(RecordsAppendTest, AFailedAppendsKeyIsFreeAgain) {
  const std::string key = std::string(kJson) + "Idempotency-Key: k\r\n";
  ExpectRefused(Append(kOneRecord, key + "Expected-Next-Offset: 7\r\n"), 412, "condition-failed",
                "");
  ExpectRefused(Append("{}", key), 400, "invalid-body", "");
  ExpectAppended(Append(R"({"records":[{"text":"other"}]})", key));
}

TEST_P(RecordsAppendTest, AKeyIs1To255PrintableCharacters) {
  const auto keyed = [&](const std::string& key) {
    return Append(kOneRecord, kJson + ("Idempotency-Key: " + key + "\r\n"));
  };
  const std::string longest(255, 'k');
  ExpectAppended(keyed(longest));
  EXPECT_EQ(keyed("\"" + longest + "\"").Field("idempotency-replayed"), "true");
  ExpectAppended(keyed("a b, c"));
  for (const std::string& key :
       {std::string(), std::string("\"\""), longest + "k", "\"" + longest + "k\"",
        std::string("\"abc"), std::string("\""), std::string("\"a\"b\""), std::string("\"a\\b\""),
        std::string("\"a\";b=1"), std::string("\xC3\xBC"), std::string("a\tb"),
        std::string("a\r\nIdempotency-Key: a")})
    ExpectRefused(keyed(key), 400, "invalid-header", "Idempotency-Key");
}

TEST_P(RecordsAppendTest, ALogThatThereIsNotIs404) {
  ExpectRefused(Append(kOneRecord, kJson, "/v1/logs/other/records"), 404, "no-such-log", "other");
  EXPECT_EQ(Ask("PUT", kRecords).status, 405);
}

TEST_P(RecordsAppendTest, WhereThereIsNoRoomAnAppendIs507AndAReplayIsAnswered) {
  if (std::string(GetParam()) == "jetstream") GTEST_SKIP() << "its room is that of the servers";
  const std::string key = std::string(kJson) + "Idempotency-Key: k\r\n";
  const Reply first = Append(kOneRecord, key);
  ExpectAppended(first);
  Fill();
  const Reply reply =
      Append(R"({"records":[{"text":")" + std::string(kValueBytesMax, 'a') + "\"}]}");
  ExpectRefused(reply, 507, "no-space", "");
  EXPECT_EQ(Append(kOneRecord, key).body, first.body);
  EXPECT_EQ(Stored(0), "YQ==");
}

INSTANTIATE_TEST_SUITE_P(Engines, RecordsAppendTest, Engines(), EngineName);

}  // namespace
}  // namespace daybook::api
