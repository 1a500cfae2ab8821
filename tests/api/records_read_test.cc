// Pages of records over a real socket, on each engine.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "api/engines_test.h"
#include "support/find_log.h"

namespace daybook::api {
namespace {

using test::Reply;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kRecords = "/v1/logs/default/records";

ApiLimits SmallLimits() {
  ApiLimits limits;
  limits.page_records_max = 2000;
  limits.page_bytes_max = 4 << 20;
  return limits;
}

class RecordsReadTest : public EnginesTest {
 protected:
  RecordsReadTest() : EnginesTest(SmallLimits()) {}

  // Lines of NDJSON, in as many batches as the smallest bound of an engine asks for.
  void Append(const std::string& lines) {
    for (std::size_t begin = 0; begin < lines.size();) {
      std::size_t end = begin;
      for (int line = 0; line < 1'000 && end < lines.size(); ++line)
        end = std::min(lines.find('\n', end), lines.size() - 1) + 1;
      const Reply reply = Ask("POST", kRecords, lines.substr(begin, end - begin),
                              "Content-Type: application/x-ndjson\r\n");
      ASSERT_EQ(reply.status, 201) << reply.body;
      begin = end;
    }
  }
  void AppendTexts(int count) {
    std::string lines;
    for (int i = 0; i < count; ++i) lines += "{\"text\":\"" + std::to_string(i) + "\"}\n";
    Append(lines);
  }
  Reply Read(const std::string& query = "", const std::string& fields = "") {
    return Ask("GET", kRecords + (query.empty() ? "" : "?" + query), "", fields);
  }
  // The offsets of what is read, such as "3 4 5", and what is next, such as " next 6".
  std::string Offsets(const std::string& query) {
    const Reply reply = Read(query);
    EXPECT_EQ(reply.status, 200) << query << reply.body;
    std::string offsets;
    for (std::size_t at = 0; (at = reply.body.find("{\"offset\":", at)) != std::string::npos; ++at)
      offsets += reply.body.substr(at + 10, reply.body.find(',', at) - at - 10) + " ";
    EXPECT_THAT(reply.body, EndsWith("],\"next_offset\":" + reply.Field("next-offset") + "}\n"));
    return offsets + "next " + reply.Field("next-offset");
  }
  void ExpectRefused(const Reply& reply, int status, const std::string& kind,
                     const std::string& named) {
    ExpectProblem(reply, status, kind, named);
    EXPECT_THAT(reply.body, Not(HasSubstr("outcome")));
  }
};

TEST_P(RecordsReadTest, APageIsADocumentOfRecords) {
  Append("{\"text\":\"a\",\"key\":\"k\",\"headers\":{\"H\":\"v\"}}\n{\"value\":\"AP8=\"}");
  const Reply reply = Read();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Field("content-type"), "application/json");
  EXPECT_EQ(reply.body,
            R"({"records":[{"offset":0,"timestamp":"2023-11-14T22:13:20.000Z","key":"k",)"
            R"("headers":{"h":"v"},"value":"YQ=="},{"offset":1,)"
            R"("timestamp":"2023-11-14T22:13:20.000Z","value":"AP8="}],"next_offset":2})"
            "\n");
}

TEST_P(RecordsReadTest, AReadBeginsWhereItIsTold) {
  AppendTexts(10);
  EXPECT_EQ(Offsets("limit=3"), "0 1 2 next 3");
  EXPECT_EQ(Offsets("limit=3&offset=first"), "0 1 2 next 3");
  EXPECT_EQ(Offsets("limit=3&offset=4"), "4 5 6 next 7");
  EXPECT_EQ(Offsets("offset=8"), "8 9 next 10");
  EXPECT_EQ(Offsets("offset=10"), "next 10");
  EXPECT_EQ(Offsets("offset=next"), "next 10");
  EXPECT_EQ(Offsets("last=2"), "8 9 next 10");
  EXPECT_EQ(Offsets("last=4&limit=1"), "6 next 7");
  EXPECT_EQ(Offsets("last=0"), "next 10");
  EXPECT_EQ(Offsets("last=11&limit=1"), "0 next 1");
  ASSERT_EQ(
      Ask("POST", "/v1/logs/default/trim", R"({"before":6})", "Content-Type: application/json\r\n")
          .status,
      200);
  EXPECT_EQ(Offsets("limit=1"), "6 next 7");
  EXPECT_EQ(Offsets("last=100&limit=1"), "6 next 7");
}

TEST_P(RecordsReadTest, AnEmptyLogIsAnEmptyPageAtItsEnd) {
  for (const char* query :
       {"", "offset=0", "offset=next", "last=5", "since=2000-01-01T00:00:00Z", "key=a"}) {
    const Reply reply = Read(query);
    EXPECT_EQ(reply.body, "{\"records\":[],\"next_offset\":0}\n") << query;
    EXPECT_EQ(reply.Field("end-offset"), "0");
  }
}

TEST_P(RecordsReadTest, SinceIsTheFirstRecordAtThatMomentOrLater) {
  for (int i = 0; i < 5; ++i) {
    if (!SetTime(1'700'000'000'000 + i * 1'000))
      GTEST_SKIP() << "the engine has a clock of its own";
    AppendTexts(2);
  }
  EXPECT_EQ(Offsets("limit=1&since=2023-11-14T22:13:20Z"), "0 next 1");
  EXPECT_EQ(Offsets("limit=1&since=2023-11-14T22:13:20.001Z"), "2 next 3");
  EXPECT_EQ(Offsets("limit=1&since=2023-11-14T23:13:22%2B01:00"), "4 next 5");
  EXPECT_EQ(Offsets("limit=1&since=2023-11-14T23:13:22+01:00"), "4 next 5");
  EXPECT_EQ(Offsets("since=2023-11-14T22:13:24Z"), "8 9 next 10");
  EXPECT_EQ(Offsets("since=2023-11-14T22:13:24.0001Z"), "next 10");
  EXPECT_EQ(Offsets("limit=1&since=1970-01-01T00:00:00Z"), "0 next 1");
}

TEST_P(RecordsReadTest, APageIsBoundInRecordsAndBytesAndHasOneRecordAtLeast) {
  AppendTexts(10);
  EXPECT_EQ(Offsets("max_bytes=3"), "0 1 2 next 3");
  EXPECT_EQ(Offsets("max_bytes=1Ki&limit=2"), "0 1 next 2");
  Append(R"({"text":"longer than the bound"})");
  EXPECT_EQ(Offsets("max_bytes=1&offset=10"), "10 next 11");
  AppendTexts(150);
  EXPECT_THAT(Offsets(""), EndsWith(" 98 99 next 100"));
  const std::string line = "{\"text\":\"\"}\n";
  std::string lines;
  for (int i = 0; i < 2100; ++i) lines += line;
  Append(lines);
  EXPECT_THAT(Offsets("limit=1000000"), EndsWith(" 1999 next 2000"));
}

TEST_P(RecordsReadTest, WhatIsNotThereIs416And410) {
  AppendTexts(5);
  ExpectRefused(Read("offset=6"), 416, "beyond-the-end", R"("next_offset":5)");
  ExpectRefused(Read("offset=18446744073709551615&key=a"), 416, "beyond-the-end", "5");
  ASSERT_EQ(
      Ask("POST", "/v1/logs/default/trim", R"({"before":3})", "Content-Type: application/json\r\n")
          .status,
      200);
  ExpectRefused(Read("offset=2"), 410, "trimmed", R"("first_offset":3)");
  ExpectRefused(Read("offset=2&key=a"), 410, "trimmed", R"("first_offset":3)");
  ExpectRefused(Ask("GET", "/v1/logs/other/records"), 404, "no-such-log", "other");
}

TEST_P(RecordsReadTest, AParameterThatIsWrongIsNamed) {
  ExpectRefused(Read("offset=x"), 400, "invalid-parameter", "'offset'");
  ExpectRefused(Read("offset=0&since=2000-01-01T00:00:00Z"), 400, "invalid-parameter",
                "both 'offset' and 'since'");
  ExpectRefused(Read("wait=1x"), 400, "invalid-parameter", "'wait'");
  ExpectRefused(Read("log_id=1"), 400, "invalid-parameter", "'log_id'");
  ExpectRefused(Read("key=%zz"), 400, "invalid-parameter", "'key'");
}

TEST_P(RecordsReadTest, ValuesAreShownAsAsked) {
  Append(R"({"json":{"a":[1e400,0.1,12345678901234567890,1.10]}})"
         "\n{\"text\":\"\xC3\xBC\"}\n{\"value\":\"/w==\"}");
  const std::string as_json = Read("encoding=json").body;
  EXPECT_THAT(as_json, HasSubstr(R"("json":{"a":[1e400,0.1,12345678901234567890,1.10]}})"));
  EXPECT_THAT(as_json, AllOf(HasSubstr(R"("value":"w7w="})"), HasSubstr(R"("value":"/w=="})")));
  const std::string as_text = Read("encoding=text").body;
  EXPECT_THAT(as_text, HasSubstr(R"("text":"{\"a\":[1e400,0.1,12345678901234567890,1.10]}"})"));
  EXPECT_THAT(as_text, AllOf(HasSubstr("\"text\":\"\xC3\xBC\"}"), HasSubstr(R"("value":"/w=="})")));
  EXPECT_THAT(Read("encoding=base64").body, HasSubstr(R"("value":"w7w="})"));
}

TEST_P(RecordsReadTest, LineEndsBetweenTheTokensOfJsonAreShownAsSpaces) {
  Ask("POST", kRecords, "{\"records\":[{\"json\":{\"a\":\r\n [1,\n2]}}]}",
      "Content-Type: application/json\r\n");
  const std::string ndjson = "Accept: application/x-ndjson\r\n";
  EXPECT_THAT(Read("encoding=json", ndjson).body, EndsWith("\"json\":{\"a\":   [1, 2]}}\n"));
  const Reply bytes = Ask("GET", kRecords + "/0", "", "Accept: application/octet-stream\r\n");
  EXPECT_EQ(bytes.body, "{\"a\":\r\n [1,\n2]}");
}

TEST_P(RecordsReadTest, TheMediaTypeIsNegotiated) {
  Append("{\"text\":\"a\",\"key\":\"k\"}\n{\"text\":\"b\"}");
  const auto type = [&](const std::string& accept) {
    return Read("", "Accept: " + accept + "\r\n").Field("content-type");
  };
  EXPECT_EQ(Read().Field("content-type"), "application/json");
  EXPECT_EQ(type("text/html,application/xhtml+xml,*/*;q=0.8"), "application/json");
  EXPECT_EQ(type("application/x-ndjson"), "application/x-ndjson");
  EXPECT_EQ(type("application/json;q=0.5, application/octet-stream"), "application/octet-stream");
  EXPECT_EQ(type("application/json;q=0.1\r\nAccept: application/x-ndjson"), "application/x-ndjson");
  for (const char* accept : {"text/html", "*/*;q=0"}) {
    ExpectRefused(
        Read("", std::string("Accept: ") + accept + "\r\n"), 406, "not-acceptable",
        "application/json, application/x-ndjson, application/octet-stream, text/event-stream");
  }
  const std::string lines = Read("", "Accept: application/x-ndjson\r\n").body;
  EXPECT_EQ(lines, R"({"offset":0,"timestamp":"2023-11-14T22:13:20.000Z","key":"k","value":"YQ=="})"
                   "\n"
                   R"({"offset":1,"timestamp":"2023-11-14T22:13:20.000Z","value":"Yg=="})"
                   "\n");
  std::string frames = Read("offset=1", "Accept: application/octet-stream\r\n").body;
  if (!SetsTime()) frames.replace(8, 8, std::string("\0\x68\xE5\xCF\x8B\1\0\0", 8));
  EXPECT_EQ(frames, std::string("\1\0\0\0\0\0\0\0\0\x68\xE5\xCF\x8B\1\0\0", 16) +
                        std::string(8, '\0') + std::string("\1\0\0\0b", 5));
}

TEST_P(RecordsReadTest, AFullPageInsideTheLogIsKeptAndOneAtItsEndIsNot) {
  AppendTexts(5);
  const Reply inside = Read("limit=2");
  EXPECT_THAT(inside.Field("etag"), StartsWith("\""));
  EXPECT_EQ(inside.Field("cache-control"), "private, no-cache");
  EXPECT_EQ(inside.Field("vary"), "Accept, Accept-Encoding, Authorization");
  EXPECT_EQ(inside.Field("next-offset"), "2");
  EXPECT_EQ(inside.Field("end-offset"), "");
  for (const char* query : {"limit=5", "offset=3", "offset=next"}) {
    const Reply end = Read(query);
    EXPECT_EQ(end.Field("etag"), "") << query;
    EXPECT_EQ(end.Field("cache-control"), "no-store");
    EXPECT_EQ(end.Field("vary"), "Accept, Accept-Encoding, Authorization");
    EXPECT_EQ(end.Field("next-offset"), "5");
    EXPECT_EQ(end.Field("end-offset"), "5");
  }
  EXPECT_EQ(Read("limit=2").Field("etag"), inside.Field("etag"));
}

TEST_P(RecordsReadTest, AnEntityTagIsOfOnePageInOneForm) {
  AppendTexts(2000);
  std::set<std::string> tags;
  std::size_t asked = 0;
  for (const char* query :
       {"limit=900", "limit=901", "limit=900&offset=1", "limit=900&key=a", "limit=900&key=b"}) {
    for (const char* encoding : {"base64", "text", "json"}) {
      for (const char* type : {"application/json", "application/x-ndjson"}) {
        for (const char* coding : {"identity", "gzip"}) {
          const Reply reply =
              Read(std::string(query) + "&encoding=" + encoding,
                   std::string("Accept: ") + type + "\r\nAccept-Encoding: " + coding + "\r\n");
          const bool at_end = reply.Field("next-offset") == "2000";
          EXPECT_EQ(reply.Field("etag").empty(), at_end);
          if (at_end) continue;
          tags.insert(reply.Field("etag"));
          ++asked;
        }
      }
    }
  }
  EXPECT_EQ(tags.size(), asked);
  EXPECT_GT(asked, 30U);
}

TEST_P(RecordsReadTest, WhatTheClientHasIs304) {
  AppendTexts(500);
  const Reply page = Read("limit=200");
  const std::string tag = page.Field("etag");
  const auto conditional = [&](const std::string& tags, const std::string& query = "limit=200") {
    return Read(query, "If-None-Match: " + tags + "\r\n");
  };
  for (const std::string& tags : {tag, "W/" + tag, "\"x\", " + tag, std::string("*")}) {
    const Reply same = conditional(tags);
    EXPECT_EQ(same.status, 304) << tags;
    for (const char* field : {"etag", "cache-control", "vary", "next-offset"})
      EXPECT_EQ(same.Field(field), page.Field(field)) << field;
    EXPECT_EQ(same.Field("content-length"), "");
  }
  EXPECT_EQ(conditional("\"x\"").status, 200);
  EXPECT_EQ(conditional(tag, "limit=201").status, 200);
  EXPECT_EQ(conditional(tag, "limit=200&encoding=text").status, 200);
  EXPECT_EQ(conditional("*", "offset=400").status, 200) << "at the end";
  const Reply zipped = Read("limit=200", "Accept-Encoding: gzip\r\n");
  EXPECT_NE(zipped.Field("etag"), tag);
  EXPECT_EQ(conditional(zipped.Field("etag")).status, 200) << "gzip is not asked for";
  const Reply same = conditional(zipped.Field("etag") + "\r\nAccept-Encoding: gzip");
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.Field("etag"), zipped.Field("etag"));
}

TEST_P(RecordsReadTest, AnAnswerIsZippedWhereThatIsAskedForAndPays) {
  AppendTexts(2000);
  const std::string gzip = "Accept-Encoding: gzip\r\n";
  EXPECT_EQ(Read("limit=2", gzip).Field("content-encoding"), "");
  EXPECT_EQ(Read("limit=200").Field("content-encoding"), "");
  EXPECT_EQ(Read("limit=200", "Accept-Encoding: gzip;q=0\r\n").Field("content-encoding"), "");
  for (const char* limit : {"200", "2000"}) {
    const std::string query = std::string("limit=") + limit;
    const Reply zipped = Read(query, gzip);
    EXPECT_EQ(zipped.Field("content-encoding"), "gzip");
    EXPECT_EQ(zipped.Field("vary"), "Accept, Accept-Encoding, Authorization");
    const Reply plain = Read(query);
    EXPECT_LT(zipped.body.size(), plain.body.size() / 4);
    EXPECT_THAT(zipped.body, StartsWith("\x1F\x8B"));
  }
}

TEST_P(RecordsReadTest, ALargePageIsWhatItsPartsAre) {
  std::string lines;
  for (int i = 0; i < 1500; ++i)
    lines += "{\"text\":\"" + std::string(static_cast<std::size_t>(i % 700), 'x') + "\"}\n";
  Append(lines);
  Append("{\"text\":\"" + std::string(300'000, 'y') + "\"}\n{\"text\":\"last\"}");
  for (const char* type : {"application/x-ndjson", "application/octet-stream"}) {
    const std::string accept = std::string("Accept: ") + type + "\r\n";
    const std::string whole = Read("limit=2000&max_bytes=4Mi", accept).body;
    std::string parts;
    for (int offset = 0; offset < 1502; offset += 50)
      parts += Read("limit=50&max_bytes=4Mi&offset=" + std::to_string(offset), accept).body;
    EXPECT_GT(whole.size(), 800'000U);
    EXPECT_TRUE(whole == parts) << type;
  }
  EXPECT_THAT(Offsets("limit=2000&max_bytes=4Mi"), EndsWith(" 1500 1501 next 1502"));
}

TEST_P(RecordsReadTest, HeadTellsWhatGetWould) {
  AppendTexts(10);
  for (const char* target : {"/v1/logs/default/records?limit=3", "/v1/logs/default/records",
                             "/v1/logs/default/records?offset=11", "/v1/logs/default/records/3",
                             "/v1/logs/default/records/11"}) {
    const Reply get = Ask("GET", target);
    const Reply head = Ask("HEAD", target);
    EXPECT_EQ(head.status, get.status) << target;
    EXPECT_EQ(head.body, "");
    for (const char* field : {"content-type", "content-length", "etag", "cache-control", "vary",
                              "next-offset", "end-offset"})
      EXPECT_EQ(head.Field(field), get.Field(field)) << target << field;
  }
}

TEST_P(RecordsReadTest, AKeyGivesItsRecordsAlone) {
  std::string lines;
  for (int i = 0; i < 30; ++i) {
    lines += R"({"text":"v","key":")" + std::to_string(i % 3) + "\"}\n";
    lines += "{\"text\":\"no key\"}\n";
  }
  Append(lines);
  EXPECT_EQ(Offsets("key=1&limit=3"), "2 8 14 next 20");
  EXPECT_EQ(Offsets("key=1&limit=3&offset=20"), "20 26 32 next 38");
  EXPECT_EQ(Offsets("key=1&last=10"), "50 56 next 60");
  EXPECT_EQ(Offsets("key=none"), "next 60");
  EXPECT_EQ(Offsets("key="), "next 60");
  EXPECT_EQ(Read("key=none").Field("end-offset"), "60");
  EXPECT_EQ(Read("key=1&limit=3").Field("cache-control"), "private, no-cache");
}

TEST_P(RecordsReadTest, ASearchForAKeyMayFindNoneAndMoveOn) {
  const log::Batch batch(1'000);
  for (int i = 0; i < 110; ++i)
    ASSERT_TRUE(test::AppendAndWait(*test::FindLog(*store_), batch).ok());
  AppendTexts(1);
  Append(R"({"text":"here","key":"k"})");
  EXPECT_EQ(Offsets("key=k"), "next 100000");
  EXPECT_EQ(Read("key=k").Field("end-offset"), "");
  EXPECT_EQ(Offsets("key=k&offset=100000"), "110001 next 110002");
}

INSTANTIATE_TEST_SUITE_P(Engines, RecordsReadTest, Engines(), EngineName);

}  // namespace
}  // namespace daybook::api
