// What a read of a log's records asks for in its query.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/limits.h"
#include "api/record_json.h"
#include "base/status.h"
#include "base/types.h"
#include "log/log.h"

namespace daybook::api {

struct ReadQuery {
  // Where it begins.
  enum class Start { kFirst, kOffset, kNext, kSince, kLast, kFoundNone };

  Start start = Start::kFirst;
  Offset offset;              // of kOffset, and of kFoundNone: up to where there was none
  Timestamp since;            // of kSince
  std::uint64_t records = 0;  // of kLast: before the end
  log::ReadLimits limits;
  std::optional<std::string> key;  // that the records have
  ValueEncoding encoding = ValueEncoding::kBase64;
  std::optional<log::LogId> log_id;  // that the log has to have

  // Of a page: for how long it may wait for its first record.
  std::chrono::milliseconds wait{0};
  // "": it has no parameter that only a page has; else the first of them.
  std::string_view page_parameter;

  // It is to be an event stream, whatever Accept says.
  bool follow = false;
  // The id of the last event that a follower has seen.
  std::optional<std::string> last_event_id;
};

// What a read of one record asks for.
struct RecordQuery {
  ValueEncoding encoding = ValueEncoding::kBase64;
  std::optional<log::LogId> log_id;
};

// Where an event stream goes on for who has seen the event `id`; none: that is no event's id.
std::optional<Offset> OffsetAfterEvent(std::string_view id);

// kInvalidArgument names the parameter that is wrong.
Result<ReadQuery> ParseReadQuery(std::optional<std::string_view> text, const ApiLimits& limits);

// The same.
Result<RecordQuery> ParseRecordQuery(std::optional<std::string_view> text);

}  // namespace daybook::api
