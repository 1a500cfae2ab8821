#include "base/logging.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <string>

namespace daybook::logging {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;

// A pipe of which the test reads the other end.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0); }
  ~Pipe() {
    CloseReadEnd();
    CloseWriteEnd();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int write_end() const { return ends_[1]; }
  void CloseReadEnd() { Close(ends_[0]); }
  void CloseWriteEnd() { Close(ends_[1]); }
  std::string ReadAll() {
    CloseWriteEnd();
    std::string all;
    std::array<char, 4096> bytes;
    for (ssize_t n = 0; (n = ::read(ends_[0], bytes.data(), bytes.size())) > 0;)
      all.append(bytes.data(), static_cast<std::size_t>(n));
    return all;
  }

 private:
  static void Close(int& fd) {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }

  std::array<int, 2> ends_{-1, -1};
};

TEST(Logging, ALineIsATimeALevelAMessageAndFields) {
  Pipe pipe;
  {
    const Writer writer(pipe.write_end(), Format::kText);
    Warn("it is full", {{"engine", "memory"}, {"bytes", 18446744073709551615U}, {"share", 0.5}});
  }
  EXPECT_THAT(pipe.ReadAll(),
              MatchesRegex("[0-9-]+T[0-9:]+\\.[0-9]+Z warn it is full engine=memory "
                           "bytes=18446744073709551615 share=0.5\n"));
}

TEST(Logging, AJsonLineIsOneObject) {
  Pipe pipe;
  {
    const Writer writer(pipe.write_end(), Format::kJson);
    Error("a \"quote\"", {{"path", "/a b"}, {"code", 507}});
  }
  EXPECT_THAT(pipe.ReadAll(),
              EndsWith("Z\",\"level\":\"error\",\"message\":\"a \\\"quote\\\"\",\"path\":\"/a b\","
                       "\"code\":507}\n"));
}

TEST(Logging, ControlCharactersMakeNeitherLinesNorEscapeSequences) {
  for (const Format format : {Format::kText, Format::kJson}) {
    Pipe pipe;
    {
      const Writer writer(pipe.write_end(), format);
      Info("two\nlines", {{"target", "/\x1B[2J\r\n\x7F\xC2\x9B"}, {"empty", ""}, {"equal", "a=b"}});
    }
    const std::string all = pipe.ReadAll();
    EXPECT_EQ(all.find('\n'), all.size() - 1);
    for (const char* byte : {"\x1B", "\r", "\x7F", "\xC2\x9B"})
      EXPECT_EQ(all.find(byte), std::string::npos);
    EXPECT_THAT(all, HasSubstr(R"("/\u001b[2J\u000d\u000a\u007f\u009b")"));
  }
}

TEST(Logging, LinesBelowTheLevelAreNotWritten) {
  Pipe pipe;
  {
    const Writer writer(pipe.write_end(), Format::kText);
    Debug("first");
    SetLevel(Level::kDebug);
    Debug("second");
    SetLevel(Level::kInfo);
  }
  const std::string all = pipe.ReadAll();
  EXPECT_EQ(all.find("first"), std::string::npos);
  EXPECT_THAT(all, HasSubstr("second"));
}

TEST(Logging, APipeThatNobodyReadsDelaysNoLineAndWhatIsDroppedIsCounted) {
  Pipe pipe;
  constexpr std::uint64_t kLines = 3 * Writer::kLinesMax;
  {
    const Writer writer(pipe.write_end(), Format::kText, std::chrono::milliseconds(1));
    for (std::uint64_t i = 0; i < kLines; ++i) Info("a line that is written", {{"number", i}});
    // The pipe holds 64 KiB, the queue its lines.
    EXPECT_GE(writer.dropped_lines(), kLines - Writer::kLinesMax - (64 << 10) / 40);
    EXPECT_LT(writer.dropped_lines(), kLines);
  }
}

TEST(Logging, LinesOfAnySizeAreWrittenWhole) {
  Pipe pipe;
  const std::string large(60'000, 'x');
  {
    const Writer writer(pipe.write_end(), Format::kText);
    Info("large", {{"text", large}});
  }
  EXPECT_THAT(pipe.ReadAll(), EndsWith(" text=" + large + "\n"));
}

TEST(Logging, AReaderThatHasGoneEndsNothing) {
  std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  pipe.CloseReadEnd();
  const Writer writer(pipe.write_end(), Format::kText);
  Info("to nobody");
}

}  // namespace
}  // namespace daybook::logging
