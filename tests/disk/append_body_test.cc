#include "disk/append_body.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace daybook::disk {
namespace {

log::Batch SomeBatch() {
  log::Batch batch(3);
  batch[0].value = "plain";
  batch[1].key = "key";
  batch[1].headers = {{"name", "value"}, {"empty", ""}};
  batch[1].value = std::string(300, '\0');
  batch[2].key = "";
  return batch;
}

std::string Encode(const log::Batch& batch, std::string_view key) {
  std::string body;
  EncodeAppendBody(batch, key, body);
  return body;
}

TEST(AppendBody, RecordsComeBackAsTheyWere) {
  for (const char* key : {"", "retry-1"}) {
    const log::Batch batch = SomeBatch();
    const std::string body = Encode(batch, key);
    EXPECT_EQ(body.size(), AppendBodyBytes(batch, key));
    AppendBodyReader reader(body);
    ASSERT_EQ(reader.idempotency().has_value(), *key != '\0');
    EXPECT_EQ(reader.idempotency() ? reader.idempotency()->key : "", key);
    for (const log::NewRecord& record : batch) {
      const auto read = reader.Next();
      ASSERT_TRUE(read.has_value());
      EXPECT_EQ(read->value, record.value);
      EXPECT_EQ(read->key, record.key);
      const decltype(record.headers) headers(read->headers.begin(), read->headers.end());
      EXPECT_EQ(headers, record.headers);
      EXPECT_EQ(read->headers.size(), record.headers.size());
    }
    EXPECT_FALSE(reader.Next().has_value());
    EXPECT_TRUE(reader.complete());
  }
}

TEST(AppendBody, TheDigestIsOfTheRecordsAlone) {
  log::Batch batch = SomeBatch();
  const std::string one = Encode(batch, "one");
  const std::string other = Encode(batch, "another key");
  const std::string digest(AppendBodyReader(one).idempotency()->digest);
  EXPECT_EQ(AppendBodyReader(other).idempotency()->digest, digest);
  batch[0].value = "other";
  const std::string changed = Encode(batch, "one");
  EXPECT_NE(AppendBodyReader(changed).idempotency()->digest, digest);
}

TEST(AppendBody, ABodyThatIsCutIsCompleteBehindARecordOnly) {
  const std::string body = Encode(SomeBatch(), "retry-1");
  std::size_t whole = 0;
  for (std::size_t bytes = 0; bytes < body.size(); ++bytes) {
    AppendBodyReader reader(std::string_view(body).substr(0, bytes));
    std::size_t records = 0;
    while (reader.Next()) ++records;
    if (reader.complete()) ++whole;
    EXPECT_LT(records, 3U);
  }
  EXPECT_EQ(whole, 3U);  // behind the key, and behind each record but the last
}

TEST(AppendBody, ReservedBytesAreZero) {
  const std::string body = Encode(SomeBatch(), "");
  for (const std::size_t at : {2U, 3U, 4U, 7U, 15U}) {
    std::string altered = body;
    altered[at] = 1;
    AppendBodyReader reader(altered);
    while (reader.Next()) {
    }
    EXPECT_FALSE(reader.complete()) << at;
  }
}

}  // namespace
}  // namespace daybook::disk
