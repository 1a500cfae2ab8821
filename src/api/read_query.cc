#include "api/read_query.h"

#include <algorithm>
#include <utility>

#include "api/log_request.h"
#include "api/query.h"
#include "api/request_body.h"
#include "base/rfc3339.h"
#include "base/units.h"

namespace daybook::api {
namespace {

constexpr std::uint64_t kUsualRecords = 100;
constexpr std::uint64_t kUsualBytes = 1 << 20;

Status Mistake(std::string message) { return {StatusCode::kInvalidArgument, std::move(message)}; }
Status NotRight(const char* name, std::string_view right) {
  return Mistake("the query parameter '" + std::string(name) + "' is not " + std::string(right));
}

Status ParseOffset(const std::string& text, ReadQuery& read) {
  if (text == "first") return {};
  read.start = text == "next" ? ReadQuery::Start::kNext : ReadQuery::Start::kOffset;
  if (text == "next") return {};
  const std::optional<std::uint64_t> number = ParseNumber(text);
  if (!number)
    return NotRight("offset", "first, next or a whole number from 0 to 18446744073709551615");
  read.offset = Offset(*number);
  return {};
}

Status ParseSince(const std::string& text, ReadQuery& read) {
  read.start = ReadQuery::Start::kSince;
  const std::optional<Timestamp> timestamp = ParseRfc3339(text);
  if (!timestamp)
    return NotRight("since", "a timestamp (RFC 3339) such as 2026-01-02T03:04:05.678Z");
  read.since = *timestamp;
  return {};
}

Status ParseLast(const std::string& text, ReadQuery& read) {
  read.start = ReadQuery::Start::kLast;
  const std::optional<std::uint64_t> number = ParseNumber(text);
  if (!number) return NotRight("last", "a whole number");
  read.records = *number;
  return {};
}

// At most one of offset, since and last.
Status TakeStart(Query& query, ReadQuery& read) {
  using Parse = Status (*)(const std::string&, ReadQuery&);
  constexpr std::pair<const char*, Parse> kStarts[] = {
      {"offset", ParseOffset}, {"since", ParseSince}, {"last", ParseLast}};
  const char* taken = nullptr;
  for (const auto& [name, parse] : kStarts) {
    const std::optional<std::string> text = query.Take(name);
    if (!text) continue;
    if (taken != nullptr) {
      return Mistake("the query has both '" + std::string(taken) + "' and '" + name +
                     "'; a read begins at one of offset, since and last");
    }
    taken = name;
    if (Status status = parse(*text, read); !status.ok()) return status;
  }
  return {};
}

Status TakeWait(Query& query, std::chrono::milliseconds wait_max, ReadQuery& read) {
  const std::optional<std::string> text = query.Take("wait");
  if (!text) return {};
  const auto wait = *text == "0" ? std::chrono::milliseconds(0) : ParseDuration(*text);
  if (!wait) return NotRight("wait", "a duration such as 500ms or 30s");
  read.wait = std::min(*wait, wait_max);
  return {};
}

Status TakeFollow(Query& query, ReadQuery& read) {
  const std::optional<std::string> text = query.Take("follow");
  if (text && *text != "sse") return NotRight("follow", "sse");
  read.follow = text.has_value();
  read.last_event_id = query.Take("last_event_id");
  if (!read.last_event_id || OffsetAfterEvent(*read.last_event_id)) return {};
  return NotRight("last_event_id", "the id of an event, which is -1 or an offset");
}

// `usual` where there is no such parameter; what is more than `max` is taken for that.
Status TakeLimit(Query& query, const char* name,
                 std::optional<std::uint64_t> (*parse)(std::string_view), const char* right,
                 std::uint64_t usual, std::uint64_t max, std::uint64_t& limit) {
  const std::optional<std::string> text = query.Take(name);
  const std::optional<std::uint64_t> asked = text ? parse(*text) : usual;
  if (!asked || *asked == 0) return NotRight(name, right);
  limit = std::min(*asked, max);
  return {};
}

Status TakeEncoding(Query& query, ValueEncoding& encoding) {
  const std::optional<std::string> text = query.Take("encoding");
  if (!text) return {};
  const std::optional<ValueEncoding> parsed = ParseValueEncoding(*text);
  if (!parsed) return NotRight("encoding", "base64, text or json");
  encoding = *parsed;
  return {};
}

}  // namespace

std::optional<Offset> OffsetAfterEvent(std::string_view id) {
  if (id == "-1") return Offset(0);
  const std::optional<std::uint64_t> number = ParseNumber(id);
  if (!number || *number == UINT64_MAX) return std::nullopt;
  return Offset(*number + 1);
}

Result<ReadQuery> ParseReadQuery(std::optional<std::string_view> text, const ApiLimits& limits) {
  Result<Query> query = Query::Parse(text);
  if (!query.ok()) return query.status();
  ReadQuery read;
  for (const std::string_view name : {"limit", "max_bytes", "wait"}) {
    if (read.page_parameter.empty() && query->Has(name)) read.page_parameter = name;
  }
  if (Status status = TakeStart(*query, read); !status.ok()) return status;
  // Who asks for the last so many has said how many.
  const std::uint64_t usual = read.start == ReadQuery::Start::kLast
                                  ? std::max<std::uint64_t>(read.records, 1)
                                  : kUsualRecords;
  if (Status status = TakeLimit(*query, "limit", ParseNumber, "a whole number from 1", usual,
                                limits.page_records_max, read.limits.records_max);
      !status.ok())
    return status;
  if (Status status = TakeLimit(*query, "max_bytes", ParseSize, "a size such as 65536, 64Ki or 1Mi",
                                kUsualBytes, limits.page_bytes_max, read.limits.bytes_max);
      !status.ok())
    return status;
  if (Status status = TakeWait(*query, limits.wait_max, read); !status.ok()) return status;
  if (Status status = TakeFollow(*query, read); !status.ok()) return status;
  read.key = query->Take("key");
  if (read.key && !IsKey(*read.key)) return NotRight("key", "UTF-8 without control characters");
  if (Status status = TakeEncoding(*query, read.encoding); !status.ok()) return status;
  if (Status status = TakeLogId(*query, read.log_id); !status.ok()) return status;
  if (Status status = query->Rest(); !status.ok()) return status;
  return read;
}

Result<RecordQuery> ParseRecordQuery(std::optional<std::string_view> text) {
  Result<Query> query = Query::Parse(text);
  if (!query.ok()) return query.status();
  RecordQuery read;
  if (Status status = TakeEncoding(*query, read.encoding); !status.ok()) return status;
  if (Status status = TakeLogId(*query, read.log_id); !status.ok()) return status;
  if (Status status = query->Rest(); !status.ok()) return status;
  return read;
}

}  // namespace daybook::api
