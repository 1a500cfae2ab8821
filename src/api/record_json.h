// A record as JSON, both ways: as a read shows it, and as an append gives it: R.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "api/json.h"
#include "api/limits.h"
#include "base/status.h"
#include "log/record.h"

namespace daybook::api {

// As which member a read shows a value: `value`, in base64; `text` where it is UTF-8, else `value`;
// `json` where it is JSON, else `value`.
enum class ValueEncoding { kBase64, kText, kJson };

// None for what is not "base64", "text" or "json".
std::optional<ValueEncoding> ParseValueEncoding(std::string_view name);

// Appends {"offset":N,"timestamp":"...","key"?,"headers"?,"value":"..."}, which is one line.
void AppendRecordJson(std::string& out, const log::RecordView& record, ValueEncoding encoding);

// Appends the record's headers, as an object of strings.
void AppendHeadersJson(std::string& out, const log::RecordView& record);

// Whether `text` can be a record's key: it is UTF-8 without control characters.
bool IsKey(std::string_view text);

// kTooLarge: the record is more than the limits admit. kInvalidArgument: a header stands twice.
Status CheckRecord(const log::NewRecord& record, const RecordLimits& limits);

// Whether R may have `offset` and `timestamp`, as a read shows them; they are not looked at.
enum class ReadMembers { kRefused, kIgnored };

// Follows one R: exactly one of `value` (base64), `text` and `json` (whose bytes are kept as they
// were sent), and perhaps `key` and `headers`. May follow a part of a larger document, whose
// elements are passed on to it from the R's first to its last.
class RecordVisitor : public TypedJsonVisitor {
 public:
  // `sent` is the document before it was parsed; it must outlive this.
  RecordVisitor(std::string_view sent, ReadMembers read_members)
      : sent_(sent), read_members_(read_members) {}

  std::string Key(std::string_view name) override;

  // The record that was followed to its end, checked.
  Result<log::NewRecord> Take(const RecordLimits& limits) &&;

 private:
  enum class Member { kNone, kValue, kText, kJson, kKey, kHeaders, kReadMember };

  std::string Scalar(std::string_view type, std::string_view text) override;
  std::string Begin(std::string_view type) override;
  std::string End() override;
  std::string OnMember(std::string_view type, std::string_view text);
  std::string OnHeader(std::string_view type, std::string_view text);
  void BeginJson();

  const std::string_view sent_;
  const ReadMembers read_members_;
  std::size_t depth_ = 0;
  Member member_ = Member::kNone;  // that the elements now are of
  std::string value_member_;       // value, text or json, whichever there is
  std::size_t json_begin_ = 0;     // position of the member json
  log::NewRecord record_;
};

// One R and nothing else. kInvalidArgument: what is wrong, and at which byte.
Result<log::NewRecord> ParseRecord(std::string_view text, ReadMembers read_members,
                                   const RecordLimits& limits);

}  // namespace daybook::api
