#include "jetstream/api_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace daybook::jetstream {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

// As nats-server answers.
std::string InfoText(const std::string& config) {
  return R"({"type":"io.nats.jetstream.api.v1.stream_info_response","total":0,"config":)" + config +
         R"(,"created":"2026-01-31T12:00:00.5Z","state":{"messages":3,"bytes":120,"first_seq":2,)"
         R"("first_ts":"2026-01-31T12:00:01Z","last_seq":4,"last_ts":"2026-01-31T12:00:02Z",)"
         R"("subjects":{"a":2,"b":1},"consumer_count":0},"cluster":{"name":"c","leader":"n1",)"
         R"("replicas":[{"name":"n2","current":true,"active":1},)"
         R"({"name":"n3","current":false,"active":6000000000,"lag":7}]},"ts":"2026-01-31T12:00:03Z"})";
}

StreamSpec Spec() {
  StreamSpec spec;
  spec.name = "s";
  spec.description = "a \"log\"";
  spec.subjects = {"a"};
  spec.metadata = {{"daybook_log", "x"}};
  spec.duplicate_window = milliseconds(60'000);
  spec.republish_from = "a";
  spec.republish_to = "b";
  return spec;
}

TEST(ApiText, AnAcknowledgementIsRead) {
  const auto answer = ParsePublishAnswer(R"({"stream":"s", "seq":7,"duplicate": true})");
  ASSERT_TRUE(answer.ok());
  EXPECT_FALSE(answer->error);
  EXPECT_EQ(answer->stream, "s");
  EXPECT_EQ(answer->sequence, 7U);
  EXPECT_TRUE(answer->duplicate);
}

TEST(ApiText, AnAcknowledgedBatchHasItsCount) {
  const auto answer = ParsePublishAnswer(R"({"stream":"s","seq":7,"batch":"b","count":3})");
  EXPECT_EQ(answer->count, 3U);
}

TEST(ApiText, ARefusalHasItsCodeAndWords) {
  const auto answer = ParsePublishAnswer(
      R"({"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 3"},"seq":0})");
  ASSERT_TRUE(answer.ok() && answer->error);
  EXPECT_EQ(answer->error->code, kWrongLastSequence);
  EXPECT_EQ(answer->error->description, "wrong last sequence: 3");
}

TEST(ApiText, WhatIsNoAnswerIsRefused) {
  for (const char* text : {"", "null", "[]", "{\"stream\":", "seq"}) {
    EXPECT_EQ(ParsePublishAnswer(text).status().code(), StatusCode::kDamaged) << text;
    EXPECT_EQ(ParseStreamInfo(text).status().code(), StatusCode::kDamaged) << text;
    EXPECT_EQ(ParseStoredMessage(text).status().code(), StatusCode::kDamaged) << text;
  }
  EXPECT_EQ(ParseStreamInfo("{}").status().code(), StatusCode::kDamaged);
}

TEST(ApiText, AStreamThatIsNotThereIsNotFoundAndAllElseUnavailable) {
  const auto error = [](int code) {
    return ParseStreamInfo(R"({"error":{"code":404,"err_code":)" + std::to_string(code) +
                           R"(,"description":"why"}})")
        .status();
  };
  EXPECT_EQ(error(kStreamNotFound).code(), StatusCode::kLogDeleted);
  EXPECT_EQ(error(kNoMessageFound).code(), StatusCode::kNotFound);
  EXPECT_EQ(error(kStorageExceeded).code(), StatusCode::kNoSpace);
  EXPECT_EQ(error(10'008).code(), StatusCode::kUnavailable);
  EXPECT_THAT(error(10'000).message(), HasSubstr("why (10000)"));
}

TEST(ApiText, AStreamIsDescribed) {
  const auto info = ParseStreamInfo(InfoText(CreateText(Spec())));
  ASSERT_TRUE(info.ok()) << info.status().ToString();
  EXPECT_EQ(info->name, "s");
  EXPECT_EQ(info->metadata.at("daybook_log"), "x");
  EXPECT_EQ(info->created, Timestamp(1'769'860'800'500));
  EXPECT_EQ(info->bytes, 120U);
  EXPECT_EQ(info->first_sequence, 2U);
  EXPECT_EQ(info->last_sequence, 4U);
  EXPECT_EQ(info->last_time, Timestamp(1'769'860'802'000));
  EXPECT_EQ(info->subjects, (std::map<std::string, std::uint64_t>{{"a", 2}, {"b", 1}}));
  EXPECT_EQ(info->leader, "n1");
  ASSERT_EQ(info->followers.size(), 2U);
  EXPECT_EQ(info->followers[0].name, "n2");
  EXPECT_FALSE(info->followers[0].silent);
  EXPECT_EQ(info->followers[1].lag, 7U);
  EXPECT_TRUE(info->followers[1].silent);
  EXPECT_EQ(info->replicas, 3U);
  EXPECT_EQ(info->duplicate_window, milliseconds(60'000));
  EXPECT_TRUE(info->retention.keeps_all());
  EXPECT_THAT(info->misfits, ElementsAre());
}

// Any member of a group without a leader answers, by what it has itself.
TEST(ApiText, AStreamWithoutALeaderIsUnavailable) {
  std::string text = InfoText(CreateText(Spec()));
  text.erase(text.find(R"("leader":"n1",)"), 14);
  EXPECT_EQ(ParseStreamInfo(text).status().code(), StatusCode::kUnavailable);
}

TEST(ApiText, WhatBreaksThePromiseIsNamed) {
  const std::string config = CreateText(Spec());
  const auto misfits_with = [&](const std::string& from, const std::string& to) {
    std::string changed = config;
    const std::size_t at = changed.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    changed.replace(at, from.size(), to);
    return ParseStreamInfo(InfoText(changed))->misfits;
  };
  EXPECT_THAT(misfits_with(R"("storage":"file")", R"("storage":"memory")"),
              ElementsAre("storage must be file"));
  EXPECT_THAT(misfits_with(R"("retention":"limits")", R"("retention":"interest")"),
              ElementsAre("retention must be limits"));
  EXPECT_THAT(misfits_with(R"("deny_delete":true)", R"("deny_delete":false)"),
              ElementsAre("deny_delete must be true"));
  EXPECT_THAT(misfits_with(R"("max_msgs":-1)", R"("max_msgs":9)"),
              ElementsAre("max_msgs must be -1"));
  EXPECT_THAT(misfits_with(R"("discard":"new")", R"("discard":"old")"),
              ElementsAre(HasSubstr("discard must be")));
  EXPECT_THAT(misfits_with(R"("allow_rollup_hdrs":false)", R"("allow_rollup_hdrs":true)"),
              ElementsAre("allow_rollup_hdrs must be false"));
  EXPECT_THAT(misfits_with(R"("storage":"file")", R"("storage":"file","persist_mode":"async")"),
              ElementsAre("persist_mode must not be async"));
}

TEST(ApiText, AnUpdateChangesRetentionAndKeepsWhatIsNotKnownHere) {
  const std::string config = R"({"name":"s","max_age":0,"future":{"x":[1,2]},"max_bytes":-1})";
  const log::Retention retention{milliseconds(1'500), 1 << 20};
  const std::string text = UpdateText(config, retention, milliseconds(1'000));
  EXPECT_THAT(text, HasSubstr(R"("future":{"x":[1,2]})"));
  EXPECT_THAT(text, HasSubstr(R"("max_age":1500000000)"));
  EXPECT_THAT(text, HasSubstr(R"("max_bytes":1048576)"));
  EXPECT_THAT(text, HasSubstr(R"("discard":"old")"));
  EXPECT_THAT(text, HasSubstr(R"("duplicate_window":1000000000)"));
  const auto info = ParseStreamInfo(InfoText(text));
  EXPECT_EQ(info->retention, retention);
}

TEST(ApiText, AStoredMessageHasItsHeadersAndData) {
  // "NATS/1.0\r\nA: 1\r\nDaybook-Digest:x\r\n\r\n" and "value"
  const auto message = ParseStoredMessage(
      R"({"message":{"subject":"a","seq":9,"hdrs":"TkFUUy8xLjANCkE6IDENCkRheWJvb2stRGlnZXN0OngNCg0K",)"
      R"("data":"dmFsdWU=","time":"2026-01-31T12:00:00Z"}})");
  ASSERT_TRUE(message.ok()) << message.status().ToString();
  EXPECT_EQ(message->subject, "a");
  EXPECT_EQ(message->sequence, 9U);
  EXPECT_EQ(message->data, "value");
  EXPECT_EQ(message->Header("A"), "1");
  EXPECT_EQ(message->Header("Daybook-Digest"), "x");
  EXPECT_FALSE(message->Header("Digest"));
  EXPECT_FALSE(message->Header("B"));
}

}  // namespace
}  // namespace daybook::jetstream
