#include "jetstream/catalogue.h"

#include <gtest/gtest.h>

#include <string>

namespace daybook::jetstream {
namespace {

TEST(LogEntry, ComesBack) {
  LogEntry entry;
  entry.id = log::LogId::Random();
  entry.created = Timestamp(1'700'000'000'000);
  entry.first_offset = Offset(7);
  for (const log::Retention& retention :
       {log::Retention{}, log::Retention{std::chrono::milliseconds(5), std::nullopt},
        log::Retention{std::nullopt, 6}, log::Retention{std::chrono::milliseconds(5), 6}}) {
    entry.retention = retention;
    const auto parsed = LogEntry::Parse(entry.ToText(), 9);
    ASSERT_TRUE(parsed) << entry.ToText();
    EXPECT_EQ(parsed->id, entry.id);
    EXPECT_EQ(parsed->created, entry.created);
    EXPECT_EQ(parsed->first_offset, entry.first_offset);
    EXPECT_EQ(parsed->retention, retention);
    EXPECT_EQ(parsed->revision, 9U);
  }
}

TEST(LogEntry, AMemberOfALaterVersionIsNoFault) {
  std::string text = LogEntry().ToText();
  text.insert(1, R"("later":{"a":[1]},)");
  EXPECT_TRUE(LogEntry::Parse(text, 1));
}

TEST(LogEntry, WhatIsNoEntryIsRefused) {
  for (const char* text : {"", "{}", "[]", R"({"id":"x","created_ms":1,"first_offset":0})",
                           R"({"id":"1b4e28ba-2fa1-41d2-883f-0016d3cca427","created_ms":1})"})
    EXPECT_FALSE(LogEntry::Parse(text, 1)) << text;
}

}  // namespace
}  // namespace daybook::jetstream
