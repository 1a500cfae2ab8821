#include "api/status_map.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace daybook::api {
namespace {

struct Row {
  StatusCode status;
  http::Code code;
  std::string_view kind;
  std::string_view append_outcome;
  std::string_view offset_member;  // what Status::offset() is called, "" where there is none
};

using http::Code;

constexpr std::array kTable = {
    Row{StatusCode::kInvalidArgument, Code::Bad_Request, "invalid-body", kNotAppended, ""},
    Row{StatusCode::kNotFound, Code::Not_Found, "not-found", kNotAppended, ""},
    Row{StatusCode::kLogDeleted, Code::Not_Found, "no-such-log", kNotAppended, ""},
    Row{StatusCode::kBeyondEnd, Code::Requested_Range_Not_Satisfiable, "beyond-the-end",
        kNotAppended, "next_offset"},
    Row{StatusCode::kTrimmed, Code::Gone, "trimmed", kNotAppended, "first_offset"},
    Row{StatusCode::kLost, Code::Gone, "lost", kNotAppended, "resume_offset"},
    Row{StatusCode::kMissing, Code::Internal_Server_Error, "missing", kNotAppended, ""},
    Row{StatusCode::kConditionFailed, Code::Precondition_Failed, "condition-failed", kNotAppended,
        "next_offset"},
    Row{StatusCode::kKeyReused, Code::Unprocessable_Entity, "key-reused", kNotAppended, ""},
    Row{StatusCode::kTooLarge, Code::Request_Entity_Too_Large, "record-too-large", kNotAppended,
        ""},
    Row{StatusCode::kNoSpace, Code::Insufficient_Storage, "no-space", kNotAppended, ""},
    Row{StatusCode::kUnavailable, Code::Service_Unavailable, "unavailable", kNotAppended, ""},
    // Not 503: its Retry-After would ask for the same record to be appended twice.
    Row{StatusCode::kUnknownOutcome, Code::Internal_Server_Error, "unknown-outcome", kUnknown, ""},
    Row{StatusCode::kDamaged, Code::Internal_Server_Error, "damaged", kUnknown, ""},
    Row{StatusCode::kIo, Code::Internal_Server_Error, "internal", kUnknown, ""},
    Row{StatusCode::kInternal, Code::Internal_Server_Error, "internal", kUnknown, ""},
};

const Row& RowOf(const Status& status) {
  const auto row = std::find_if(kTable.begin(), kTable.end(),
                                [&](const Row& r) { return r.status == status.code(); });
  CHECK(row != kTable.end(), "a status without an HTTP answer");
  return *row;
}

Problem Make(const Row& row, const Status& status) {
  Problem problem(row.code, row.kind, status.message());
  if (status.offset() && !row.offset_member.empty())
    problem.Member(row.offset_member, status.offset()->value);
  return problem;
}

}  // namespace

Problem ProblemOf(const Status& status) { return Make(RowOf(status), status); }

Problem AppendProblemOf(const Status& status) {
  const Row& row = RowOf(status);
  return Make(row, status).Member("outcome", row.append_outcome);
}

Problem RecordProblemOf(const Result<log::Page>& page, Offset offset) {
  if (!page.ok() && page.status().code() != StatusCode::kBeyondEnd) return ProblemOf(page.status());
  const Offset end = page.ok() ? page->end : page.status().offset().value_or(Offset());
  Problem problem(Code::Not_Found, "offset-not-found",
                  "offset " + std::to_string(offset.value) +
                      " is not in the log; the next append gets " + std::to_string(end.value));
  problem.Member("next_offset", end.value);
  return problem;
}

}  // namespace daybook::api
