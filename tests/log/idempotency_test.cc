#include "log/idempotency.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace daybook::log {
namespace {

using std::chrono::milliseconds;

const BatchDigest kDigest{'d'};

KeyedAppend Keyed(const std::string& key, std::uint64_t offset, std::int64_t at_ms) {
  return {key, kDigest, Offset(offset), Offset(offset + 2), Timestamp(at_ms)};
}

TEST(IdempotencyWindow, AKeyGetsTheFirstAnswerAgain) {
  IdempotencyWindow window({});
  EXPECT_FALSE(window.Replay("key", kDigest, Timestamp(10)));
  window.Add(Keyed("key", 7, 10));
  const auto replay = window.Replay("key", kDigest, Timestamp(20));
  ASSERT_TRUE(replay && replay->ok());
  EXPECT_TRUE((*replay)->replayed);
  EXPECT_EQ((*replay)->first_offset, Offset(7));
  EXPECT_EQ((*replay)->next_offset, Offset(9));
  EXPECT_EQ((*replay)->timestamp, Timestamp(10));
}

TEST(IdempotencyWindow, AKeyWithOtherRecordsIsRefused) {
  IdempotencyWindow window({});
  window.Add(Keyed("key", 7, 10));
  const auto replay = window.Replay("key", BatchDigest{'o'}, Timestamp(20));
  ASSERT_TRUE(replay);
  EXPECT_EQ(replay->status().code(), StatusCode::kKeyReused);
}

TEST(IdempotencyWindow, AKeyIsForgottenByAgeCountedFromItsFirstUse) {
  IdempotencyWindow window({milliseconds(100), 10});
  window.Add(Keyed("key", 0, 1000));
  EXPECT_TRUE(window.Replay("key", kDigest, Timestamp(1099)));
  EXPECT_FALSE(window.Replay("key", kDigest, Timestamp(1100)));
  window.Add(Keyed("key", 2, 1100));
  EXPECT_EQ(window.Replay("key", kDigest, Timestamp(1100))->value().first_offset, Offset(2));
}

TEST(IdempotencyWindow, AKeyIsForgottenForSoManyNewerOnes) {
  IdempotencyWindow window({milliseconds(100), 3});
  for (std::uint64_t i = 0; i < 4; ++i) window.Add(Keyed(std::to_string(i), 2 * i, 0));
  EXPECT_FALSE(window.Replay("0", kDigest, Timestamp(1)));
  EXPECT_TRUE(window.Replay("1", kDigest, Timestamp(1)));
  EXPECT_EQ(window.appends().size(), 3U);
}

TEST(DigestOf, TellsApartWhatIsSplitOrNamedInAnotherWay) {
  NewRecord record;
  record.value = "ab";
  const BatchDigest digest = DigestOf({record});
  EXPECT_EQ(DigestOf({record}), digest);
  EXPECT_NE(DigestOf({record, record}), digest);
  NewRecord a;
  a.value = "a";
  NewRecord b;
  b.value = "b";
  EXPECT_NE(DigestOf({a, b}), digest);
  NewRecord keyed = record;
  keyed.key = "";
  EXPECT_NE(DigestOf({keyed}), digest);
  NewRecord headed = record;
  headed.headers.emplace_back("a", "b");
  EXPECT_NE(DigestOf({headed}), digest);
  NewRecord headed_otherwise = record;
  headed_otherwise.headers.emplace_back("ab", "");
  EXPECT_NE(DigestOf({headed}), DigestOf({headed_otherwise}));
}

}  // namespace
}  // namespace daybook::log
