#include "api/read_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace daybook::api {
namespace {

using testing::HasSubstr;
using Start = ReadQuery::Start;

ReadQuery Parsed(std::optional<std::string_view> text) {
  const Result<ReadQuery> query = ParseReadQuery(text, {});
  EXPECT_TRUE(query.ok()) << query.status().message();
  return query.ok() ? *query : ReadQuery();
}

TEST(ReadQuery, NothingAsksFor100RecordsOr1MiBFromTheFirstOn) {
  const ReadQuery query = Parsed(std::nullopt);
  EXPECT_EQ(query.start, Start::kFirst);
  EXPECT_EQ(query.limits.records_max, 100U);
  EXPECT_EQ(query.limits.bytes_max, 1U << 20);
  EXPECT_FALSE(query.key);
  EXPECT_EQ(query.encoding, ValueEncoding::kBase64);
}

TEST(ReadQuery, AReadBeginsWhereItIsTold) {
  EXPECT_EQ(Parsed("offset=first").start, Start::kFirst);
  EXPECT_EQ(Parsed("offset=next").start, Start::kNext);
  EXPECT_EQ(Parsed("offset=18446744073709551615").offset, Offset(UINT64_MAX));
  EXPECT_EQ(Parsed("since=1970-01-01T01:00:00.001+01:00").since, Timestamp(1));
  EXPECT_EQ(Parsed("last=0").start, Start::kLast);
  EXPECT_EQ(Parsed("last=7").records, 7U);
  EXPECT_EQ(Parsed("last=700").limits.records_max, 700U);
  EXPECT_EQ(Parsed("last=700&limit=7").limits.records_max, 7U);
  EXPECT_EQ(Parsed("key=%C3%BC&encoding=json").key, "\xC3\xBC");
  EXPECT_EQ(Parsed("key=").key, "");
  const std::string id = "1b4e28ba-2fa1-41d2-883f-0016d3cca427";
  EXPECT_EQ(Parsed("log_id=" + id).log_id, log::LogId::Parse(id));
  EXPECT_EQ(ParseRecordQuery("log_id=" + id)->log_id, log::LogId::Parse(id));
}

TEST(ReadQuery, WhoAsksForMoreThanTheLimitsGetsThat) {
  ApiLimits limits;
  limits.page_records_max = 50;
  limits.page_bytes_max = 1000;
  for (const char* text : {"limit=51&max_bytes=1Gi", ""}) {
    const auto query = ParseReadQuery(text, limits);
    EXPECT_EQ(query->limits.records_max, 50U);
    EXPECT_EQ(query->limits.bytes_max, 1000U);
  }
  EXPECT_EQ(ParseReadQuery("limit=49", limits)->limits.records_max, 49U);
}

TEST(ReadQuery, WhatIsWrongIsNamed) {
  for (const auto& [text, named] :
       {std::pair{"offset=-1", "'offset'"},
        std::pair{"offset=", "'offset'"},
        std::pair{"offset=1.0", "'offset'"},
        std::pair{"offset=First", "'offset'"},
        std::pair{"offset=18446744073709551616", "'offset'"},
        std::pair{"since=today", "'since'"},
        std::pair{"last=-1", "'last'"},
        std::pair{"last=x", "'last'"},
        std::pair{"limit=0", "'limit'"},
        std::pair{"limit=1k", "'limit'"},
        std::pair{"max_bytes=0", "'max_bytes'"},
        std::pair{"max_bytes=1MB", "'max_bytes'"},
        std::pair{"encoding=hex", "'encoding'"},
        std::pair{"key=%ff", "'key'"},
        std::pair{"key=%0A", "'key'"},
        std::pair{"wait=1x", "'wait'"},
        std::pair{"follow=ws", "'follow'"},
        std::pair{"last_event_id=-2", "'last_event_id'"},
        std::pair{"last_event_id=18446744073709551615", "'last_event_id'"},
        std::pair{"limit=1&limit=1", "'limit'"},
        std::pair{"offset=0&last=1", "both 'offset' and 'last'"},
        std::pair{"last=1&since=1970-01-01T00:00:00Z", "both 'since' and 'last'"}}) {
    const Result<ReadQuery> query = ParseReadQuery(text, {});
    ASSERT_FALSE(query.ok()) << text;
    EXPECT_THAT(query.status().message(), HasSubstr(named)) << text;
  }
  EXPECT_THAT(ParseRecordQuery("limit=1").status().message(), HasSubstr("'limit'"));
  EXPECT_EQ(ParseRecordQuery("encoding=text")->encoding, ValueEncoding::kText);
}

}  // namespace
}  // namespace daybook::api
