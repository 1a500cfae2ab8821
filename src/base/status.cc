#include "base/status.h"

namespace daybook {

const char* StatusCodeName(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return "ok";
    case StatusCode::kInvalidArgument:
      return "invalid argument";
    case StatusCode::kNotFound:
      return "not found";
    case StatusCode::kLogDeleted:
      return "log deleted";
    case StatusCode::kBeyondEnd:
      return "beyond the end";
    case StatusCode::kTrimmed:
      return "trimmed";
    case StatusCode::kLost:
      return "lost";
    case StatusCode::kMissing:
      return "missing";
    case StatusCode::kConditionFailed:
      return "condition failed";
    case StatusCode::kKeyReused:
      return "key reused";
    case StatusCode::kTooLarge:
      return "too large";
    case StatusCode::kNoSpace:
      return "no space";
    case StatusCode::kUnavailable:
      return "unavailable";
    case StatusCode::kUnknownOutcome:
      return "unknown outcome";
    case StatusCode::kDamaged:
      return "damaged";
    case StatusCode::kIo:
      return "input/output";
    case StatusCode::kInternal:
      return "internal";
  }
  CHECK(false, "a status code without a name");
}

std::string Status::ToString() const {
  if (ok()) return "ok";
  return std::string(StatusCodeName(code_)) + ": " + message_;
}

}  // namespace daybook
