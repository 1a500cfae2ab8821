// What a read of a log's records asks for in its query.
#pragma once

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
  enum class Start { kFirst, kOffset, kNext, kSince, kLast };

  Start start = Start::kFirst;
  Offset offset;              // of kOffset
  Timestamp since;            // of kSince
  std::uint64_t records = 0;  // of kLast: before the end
  log::ReadLimits limits;
  std::optional<std::string> key;  // that the records have
  ValueEncoding encoding = ValueEncoding::kBase64;
  std::optional<log::LogId> log_id;  // that the log has to have
};

// What a read of one record asks for.
struct RecordQuery {
  ValueEncoding encoding = ValueEncoding::kBase64;
  std::optional<log::LogId> log_id;
};

// kInvalidArgument names the parameter that is wrong.
Result<ReadQuery> ParseReadQuery(std::optional<std::string_view> text, const ApiLimits& limits);

// The same.
Result<RecordQuery> ParseRecordQuery(std::optional<std::string_view> text);

}  // namespace daybook::api
