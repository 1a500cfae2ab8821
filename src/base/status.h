// Status and Result: how everything below api/ tells that an operation did not succeed.
//
// A Status is OK or a code with a sentence for a person: what was wrong, where, what would be
// right. The codes are few and say what a caller can do about it; api/ maps each to one HTTP
// answer. Both types are values; a const one may be read from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/types.h"

namespace daybook {

enum class StatusCode : std::uint8_t {
  kOk,
  kInvalidArgument,  // the caller's input is wrong; the same call fails again
  kNotFound,         // no such thing
  kLogDeleted,       // the log that was asked is no more, whatever may have its name now
  kBeyondEnd,        // an offset behind the log's end; Status::offset() is next_offset
  kTrimmed,          // an offset that trim or retention took; Status::offset() is first_offset
  kLost,             // a record that a repair gave up; Status::offset() is one behind those
  kMissing,          // a record that ought to be there, with others before and behind it
  kConditionFailed,  // an append was to be at an offset that is not the end; Status::offset() is
  kKeyReused,        // an idempotency key that was used for other records
  kTooLarge,         // more bytes than a limit admits
  kNoSpace,          // no room for an append; reads and trims go on
  kUnavailable,      // cannot be tried now; the same call may succeed later; nothing was changed
  kUnknownOutcome,   // an append that may or may not be in the log
  kDamaged,          // what was written is not what is read; the message has file and position
  kIo,               // the operating system refused; the message has path and errno
  kInternal,         // a fault of this program
};

// The code's name as it is written in messages, such as "not found".
const char* StatusCodeName(StatusCode code);

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {
    CHECK(code != StatusCode::kOk, "an error needs an error's code");
  }
  // With the offset that would have been right (see kBeyondEnd, kTrimmed, kLost, kConditionFailed).
  Status(StatusCode code, std::string message, Offset offset) : Status(code, std::move(message)) {
    offset_ = offset;
  }

  bool ok() const { return code_ == StatusCode::kOk; }
  StatusCode code() const { return code_; }
  const std::string& message() const { return message_; }
  std::optional<Offset> offset() const { return offset_; }

  // "not found: no log is named x", or "ok".
  std::string ToString() const;

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
  std::optional<Offset> offset_;
};

// A T, or the Status that says why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::move(value)) {}        // NOLINT(google-explicit-constructor)
  Result(Status status) : held_(std::move(status)) {  // NOLINT(google-explicit-constructor)
    CHECK(!std::get<Status>(held_).ok(), "a Result without a value needs an error");
  }

  bool ok() const { return std::holds_alternative<T>(held_); }
  Status status() const { return ok() ? Status() : std::get<Status>(held_); }

  T& value() & {
    CHECK(ok(), std::get<Status>(held_).message());
    return std::get<T>(held_);
  }
  const T& value() const& {
    CHECK(ok(), std::get<Status>(held_).message());
    return std::get<T>(held_);
  }
  // Of one that goes the value itself: `for (const auto& each : *Made())` would go over what is
  // gone.
  T value() && { return std::move(value()); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<Status, T> held_;
};

}  // namespace daybook
