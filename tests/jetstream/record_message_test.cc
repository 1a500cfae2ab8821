#include "jetstream/record_message.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>

namespace daybook::jetstream {
namespace {

using log::NewRecord;

// As a server gives it, with its headers beside those of the record.
Incoming Stored(const Outgoing& message, const char* sequence = "8",
                const char* time = "2026-01-31T12:00:00.000000001Z") {
  EXPECT_EQ(nats_Open(-1), NATS_OK);  // which a connection would have done
  natsMsg* made = nullptr;
  EXPECT_EQ(natsMsg_Create(&made, "inbox", nullptr, message.data.data(),
                           static_cast<int>(message.data.size())),
            NATS_OK);
  for (const auto& [name, value] : message.headers) {
    EXPECT_NE(value, "") << name << ": cnats takes the next header for its value";
    natsMsgHeader_Set(made, name, value.c_str());
  }
  natsMsgHeader_Set(made, "Nats-Stream", "stream");
  natsMsgHeader_Set(made, "Nats-Sequence", sequence);
  natsMsgHeader_Set(made, "Nats-Time-Stamp", time);
  return Incoming(made);
}

TEST(RecordMessage, ARecordComesBack) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte.push_back(static_cast<char>(byte));
  const NewRecord records[] = {{std::nullopt, {}, ""},
                               {"", {}, "value"},
                               {"%", {{"a", ""}}, every_byte},
                               {every_byte, {{"a", "1"}, {"b", every_byte}, {"a", "2"}}, ""},
                               {" key ", {{"", ""}}, "v"}};
  for (const NewRecord& record : records) {
    Outgoing out;
    PutRecord(record, out);
    const Incoming message = Stored(out);
    std::deque<std::string> texts;
    const auto read = RecordOf(message, texts);
    ASSERT_TRUE(read.ok()) << read.status().ToString();
    EXPECT_EQ(read->offset, Offset(7));
    EXPECT_EQ(read->timestamp, Timestamp(1'769'860'800'001));
    EXPECT_EQ(read->key, record.key);
    EXPECT_EQ(read->value, record.value);
    std::vector<std::pair<std::string, std::string>> headers;
    for (const auto& [name, value] : read->headers) headers.emplace_back(name, value);
    EXPECT_EQ(headers, record.headers);
  }
}

TEST(RecordMessage, TheLargestHeadersFitBesideTheValue) {
  NewRecord record{std::string(1 << 10, '\xFF'), {}, ""};
  for (int i = 0; i < 32; ++i) record.headers.emplace_back("n", std::string(255, '\xFF'));
  Outgoing out;
  PutRecord(record, out);
  out.headers.emplace_back("Nats-Msg-Id", std::string(3 * log::kIdempotencyKeyBytesMax, 'k'));
  out.headers.emplace_back(kDigestHeader, KeyedBatch{{}, 1'000}.ToText());
  EXPECT_LE(out.bytes() + 512, kHeaderBytesMax);  // with the subject, and what ends each line
}

TEST(RecordMessage, WhatIsNoRecordIsRefusedAndNamed) {
  std::deque<std::string> texts;
  const auto refused = [&](const char* name, const char* value) {
    Outgoing out;
    out.headers.emplace_back(name, value);
    return RecordOf(Stored(out), texts).status();
  };
  EXPECT_EQ(refused("Daybook-Key", "%4").code(), StatusCode::kDamaged);
  EXPECT_NE(refused("Daybook-Key", "%4").message().find("8 of stream"), std::string::npos);
  EXPECT_EQ(refused("Daybook-Headers", "*").code(), StatusCode::kDamaged);
  EXPECT_EQ(refused("Daybook-Headers", "AQA=").code(), StatusCode::kDamaged);  // one, and no bytes
  EXPECT_EQ(refused("Daybook-Headers", "AAAA").code(), StatusCode::kDamaged);  // none, and a byte
  EXPECT_EQ(RecordOf(Stored({}, "0"), texts).status().code(), StatusCode::kDamaged);
  EXPECT_EQ(RecordOf(Stored({}, "x"), texts).status().code(), StatusCode::kDamaged);
  EXPECT_EQ(RecordOf(Stored({}, "1", "soon"), texts).status().code(), StatusCode::kDamaged);
}

TEST(RecordMessage, ADigestComesBack) {
  const KeyedBatch batch{log::DigestOf({{"k", {}, "v"}}), 1'000};
  const auto parsed = KeyedBatch::Parse(batch.ToText());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->digest, batch.digest);
  EXPECT_EQ(parsed->records, 1'000U);
  const std::string digits(32, '0');
  for (const std::string& text : {std::string(), digits, digits + "-", digits + "-x",
                                  digits + "1-1", std::string(32, 'g') + "-1", digits + "-1 "})
    EXPECT_FALSE(KeyedBatch::Parse(text)) << text;
}

TEST(RecordMessage, OnlyTheLastOfABatchEndsIt) {
  EXPECT_EQ(InsideBatch(std::nullopt, false), 0U);
  EXPECT_EQ(InsideBatch("3", false), 3U);
  EXPECT_EQ(InsideBatch("4", true), 0U);
}

}  // namespace
}  // namespace daybook::jetstream
