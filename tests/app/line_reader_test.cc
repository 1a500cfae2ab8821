#include "app/line_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace daybook::app {
namespace {

class LineReaderTest : public testing::Test {
 protected:
  ~LineReaderTest() override { std::fclose(file_); }

  void Put(const std::string& text) {
    ASSERT_EQ(std::fwrite(text.data(), 1, text.size(), file_), text.size());
    std::rewind(file_);
  }
  std::vector<std::string> Lines(LineReader& reader) {
    std::vector<std::string> lines;
    for (;;) {
      const auto line = reader.Next();
      EXPECT_TRUE(line.ok());
      if (!line.ok() || !*line) return lines;
      lines.emplace_back(**line);
    }
  }

  std::FILE* const file_ = std::tmpfile();
};

TEST_F(LineReaderTest, LinesOfAnyLengthComeInTheirOrder) {
  const std::string large(700'000, 'x');
  Put("a\n\n" + large + "\r\nlast");
  LineReader reader(file_, 1 << 20);
  EXPECT_EQ(Lines(reader), (std::vector<std::string>{"a", "", large + "\r", "last"}));
}

TEST_F(LineReaderTest, AFileMayEndWithALineOrBehindIt) {
  Put("a\n");
  LineReader reader(file_, 10);
  EXPECT_EQ(Lines(reader), std::vector<std::string>{"a"});
}

TEST_F(LineReaderTest, ALineThatIsTooLargeIsNamed) {
  for (const std::string& end : {std::string(), std::string("\n"), std::string(1 << 20, 'x')}) {
    std::rewind(file_);
    Put("12345\n123456" + end);
    LineReader reader(file_, 5);
    EXPECT_EQ(reader.Next().value(), "12345");
    EXPECT_EQ(reader.Next().status().code(), StatusCode::kTooLarge);
    EXPECT_EQ(reader.number(), 2U);
  }
}

TEST_F(LineReaderTest, WhatCannotBeReadIsAnError) {
  std::FILE* const folder = std::fopen("/", "r");
  ASSERT_NE(folder, nullptr);
  LineReader reader(folder, 5);
  EXPECT_EQ(reader.Next().status().code(), StatusCode::kIo);
  std::fclose(folder);
}

}  // namespace
}  // namespace daybook::app
