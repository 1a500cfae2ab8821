#include "api/media_type.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace daybook::api {
namespace {

constexpr std::array<std::string_view, 3> kOffered = {kJsonType, kNdjsonType, kBytesType};

std::string_view Chosen(std::string_view accept) {
  const auto chosen = Negotiate(accept, kOffered);
  return chosen ? kOffered.at(*chosen) : "none";
}

TEST(MediaType, IsWhatStandsBeforeTheParameters) {
  EXPECT_EQ(MediaTypeOf("text/plain"), "text/plain");
  EXPECT_EQ(MediaTypeOf(" Application/JSON ; charset=utf-8"), "Application/JSON");
  for (const char* malformed : {"", ";", "json", "/", "a/", "/b", "a b/c", "text/plain, text/html"})
    EXPECT_EQ(MediaTypeOf(malformed), "") << malformed;
}

TEST(MediaType, TheFirstIsChosenWhereAllAreEqual) {
  for (const char* accept :
       {"", " ", "*/*", "application/*", "application/x-ndjson,application/json",
        "text/html,application/xhtml+xml,*/*;q=0.8", "*/*;q=0.001",
        "application/json;charset=utf-8"})
    EXPECT_EQ(Chosen(accept), kJsonType) << accept;
}

TEST(MediaType, WeightsCountAndTheClosestRangeGivesThem) {
  EXPECT_EQ(Chosen("application/x-ndjson"), kNdjsonType);
  EXPECT_EQ(Chosen("Application/Octet-Stream"), kBytesType);
  EXPECT_EQ(Chosen("application/json;q=0.5, application/x-ndjson;q=0.6"), kNdjsonType);
  EXPECT_EQ(Chosen("application/json; Q=0.500 ,application/octet-stream ; q=1.0"), kBytesType);
  EXPECT_EQ(Chosen("*/*, application/json;q=0"), kNdjsonType);
  EXPECT_EQ(Chosen("application/*;q=0.1, application/octet-stream;q=0.2"), kBytesType);
  EXPECT_EQ(Chosen("application/json;q=0, */*"), kNdjsonType);
}

TEST(MediaType, NoneIsChosenWhereNoneIsAccepted) {
  for (const char* accept :
       {"text/html", "text/event-stream", "application/json;q=0", "*/*;q=0.0", "json", "*",
        "application/json;q=2", "application/json;q=0.1234", "application/json;q=", "text/*"})
    EXPECT_EQ(Chosen(accept), "none") << accept;
}

}  // namespace
}  // namespace daybook::api
