#include "client/page_format.h"

#include <gtest/gtest.h>

#include <csignal>

#include "client/pipe.h"

namespace daybook::client {
namespace {

using config::OutputForm;

class PageFormatTest : public testing::Test {
 protected:
  // What is written of bytes that come in two parts.
  std::string Written(PageFormat& format, std::string_view bytes, std::size_t first) {
    for (const std::string_view part : {bytes.substr(0, first), bytes.substr(first)})
      EXPECT_TRUE(format.Put(part).ok());
    EXPECT_TRUE(output_.Flush().ok());
    return pipe_.Read();
  }

  test::Pipe pipe_;
  const Waiter waiter_;
  Output output_{pipe_.writer(), waiter_};
};

std::string Frame(std::uint64_t offset, std::string_view key, std::string_view headers,
                  std::string_view value) {
  std::string frame;
  const auto add = [&frame](std::uint64_t number, int bytes) {
    for (int i = 0; i < bytes; ++i) frame += static_cast<char>(number >> (8 * i));
  };
  add(offset, 8);
  add(1'700'000'000'000, 8);
  add(key.size(), 4);
  add(headers.size(), 4);
  add(value.size(), 4);
  return frame.append(key).append(headers).append(value);
}

TEST_F(PageFormatTest, FramesAreTextOrTheirValuesHoweverTheyAreSplit) {
  const std::string frames =
      Frame(7, "k", R"({"a":"b"})", "one") + Frame(9, "", "", "") + Frame(300, "", "", "\n\xFF");
  for (std::size_t first = 0; first <= frames.size(); ++first) {
    const auto text = PageFormat::Make(OutputForm::kText, output_);
    EXPECT_EQ(Written(*text, frames, first), "one\n\n\n\xFF\n");
    EXPECT_EQ(text->records(), 3U);
    EXPECT_EQ(text->next_offset(), 301U);
    EXPECT_TRUE(text->is_between());
    const auto raw = PageFormat::Make(OutputForm::kRaw, output_);
    EXPECT_EQ(Written(*raw, frames, first), "one\n\xFF");
  }
}

TEST_F(PageFormatTest, WhatNeverBecomesARecordIsNotKept) {
  const auto lines = PageFormat::Make(OutputForm::kJson, output_, 100);
  EXPECT_TRUE(lines->Put(std::string(60, 'x')).ok());
  EXPECT_EQ(lines->Put(std::string(60, 'x')).code(), StatusCode::kInternal);
  const auto frames = PageFormat::Make(OutputForm::kText, output_);
  EXPECT_EQ(frames->Put(std::string(28, '\xFF')).code(), StatusCode::kInternal);
}

TEST_F(PageFormatTest, LinesAreAsTheyComeHoweverTheyAreSplit) {
  const std::string lines = "{\"offset\":4,\"value\":\"\"}\n{\"offset\":12,\"text\":\"a\"}\n";
  for (std::size_t first = 0; first <= lines.size(); ++first) {
    const auto json = PageFormat::Make(OutputForm::kJson, output_);
    EXPECT_EQ(Written(*json, lines, first), lines);
    EXPECT_EQ(json->next_offset(), 13U);
  }
}

TEST_F(PageFormatTest, WhatWasCutOffIsNotWritten) {
  const auto json = PageFormat::Make(OutputForm::kJson, output_);
  EXPECT_TRUE(json->Put("{\"offset\":4,\"value\":\"\"}\n{\"offs").ok());
  EXPECT_FALSE(json->is_between());
  json->End();
  EXPECT_EQ(Written(*json, "{\"offset\":5}\n", 3),
            "{\"offset\":4,\"value\":\"\"}\n{\"offset\":5}\n");
}

TEST_F(PageFormatTest, WhatIsNoRecordIsAnError) {
  EXPECT_EQ(PageFormat::Make(OutputForm::kJson, output_)->Put("<html>\n").code(),
            StatusCode::kInternal);
}

TEST_F(PageFormatTest, NobodyWhoReadsIsAnError) {
  std::signal(SIGPIPE, SIG_IGN);
  pipe_.CloseReader();
  EXPECT_TRUE(output_.Add("a").ok());
  EXPECT_EQ(output_.Flush().code(), StatusCode::kIo);
  EXPECT_TRUE(output_.is_closed());
}

}  // namespace
}  // namespace daybook::client
