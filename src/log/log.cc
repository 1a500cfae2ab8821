#include "log/log.h"

#include <string>

namespace daybook::log {

const char* DurabilityName(Durability durability) {
  switch (durability) {
    case Durability::kMemory:
      return "memory";
    case Durability::kFsync:
      return "fsync";
    case Durability::kQuorum:
      return "quorum";
  }
  CHECK(false, "a durability without a name");
}

Status BeyondEnd(Offset offset, Offset next_offset) {
  return {StatusCode::kBeyondEnd,
          "offset " + std::to_string(offset.value) + " is beyond the log's end at " +
              std::to_string(next_offset.value),
          next_offset};
}

Status Trimmed(Offset offset, Offset first_offset) {
  return {StatusCode::kTrimmed,
          "offset " + std::to_string(offset.value) + " was trimmed; the log begins at " +
              std::to_string(first_offset.value),
          first_offset};
}

Status NotTheEnd(Offset expected_next_offset, Offset next_offset) {
  return {StatusCode::kConditionFailed,
          "the log's end is " + std::to_string(next_offset.value) + ", not " +
              std::to_string(expected_next_offset.value),
          next_offset};
}

}  // namespace daybook::log
