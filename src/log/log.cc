#include "log/log.h"

#include <algorithm>
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

Status LogDeleted(std::string_view name) {
  return {StatusCode::kLogDeleted, "the log '" + std::string(name) + "' was deleted"};
}

Status CursorCondition::Check(const Cursor* cursor) const {
  const auto failed = [](const char* why) { return Status(StatusCode::kConditionFailed, why); };
  if (exists && *exists != (cursor != nullptr))
    return failed(cursor == nullptr ? "there is no such cursor" : "the cursor is there already");
  if (revisions.empty()) return {};
  if (cursor == nullptr) return failed("there is no such cursor");
  if (std::find(revisions.begin(), revisions.end(), cursor->revision) == revisions.end())
    return failed("the cursor was moved meanwhile");
  return {};
}

}  // namespace daybook::log
