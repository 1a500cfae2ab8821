// What the program tells its operator: one line a record, a message with fields.
//
// Writing a line never waits: it goes into a bounded queue that one thread of a Writer empties.
// Where that is full, because the reader of the lines is too slow, the oldest line is dropped and
// counted. Control characters are escaped, so that a line is one line whatever a client sends.
// Thread-safe. Without a Writer lines go to standard error, at once.
#pragma once

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace daybook::logging {

enum class Level : std::uint8_t { kDebug, kInfo, kWarn, kError };
enum class Format : std::uint8_t {
  kText,  // 2026-01-31T12:00:00.000Z info message name=value other="a value"
  kJson,  // {"time":"2026-01-31T12:00:00.000Z","level":"info","message":"message","name":"value"}
};

// A name, which is an identifier, and a text or a number. Refers to the text.
class Field {
 public:
  Field(std::string_view name, std::string_view text) : name_(name), text_(text) {}
  template <typename Number, typename = std::enable_if_t<std::is_arithmetic_v<Number>>>
  Field(std::string_view name, Number number) : name_(name) {
    char* const end = digits_.data() + digits_.size();
    digits_used_ =
        static_cast<std::size_t>(std::to_chars(digits_.data(), end, number).ptr - digits_.data());
  }

  void AppendTo(std::string& line, Format format) const;

 private:
  std::string_view name_;
  std::string_view text_;
  std::array<char, 32> digits_{};
  std::size_t digits_used_ = 0;  // 0: it is a text
};

using Fields = std::span<const Field>;

bool Enabled(Level level);
void SetLevel(Level level);
void Log(Level level, std::string_view message, Fields fields);

inline void Debug(std::string_view message, std::initializer_list<Field> fields = {}) {
  Log(Level::kDebug, message, {fields.begin(), fields.size()});
}
inline void Info(std::string_view message, std::initializer_list<Field> fields = {}) {
  Log(Level::kInfo, message, {fields.begin(), fields.size()});
}
inline void Warn(std::string_view message, std::initializer_list<Field> fields = {}) {
  Log(Level::kWarn, message, {fields.begin(), fields.size()});
}
inline void Error(std::string_view message, std::initializer_list<Field> fields = {}) {
  Log(Level::kError, message, {fields.begin(), fields.size()});
}

// Writes the lines while it lives. One at a time, made before the threads that log are started and
// destroyed after they have ended.
class Writer {
 public:
  // Lines in the queue.
  static constexpr std::size_t kLinesMax = 8192;

  // `fd` stays the caller's. On destruction what is in the queue is still written, for at most
  // `linger`.
  Writer(int fd, Format format, std::chrono::milliseconds linger = std::chrono::seconds(1));
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // How many were dropped so far.
  std::uint64_t dropped_lines() const;

 private:
  friend void Log(Level level, std::string_view message, Fields fields);
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace daybook::logging
