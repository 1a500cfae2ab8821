#include "api/preconditions.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "api/request_body.h"
#include "base/units.h"

namespace daybook::api {
namespace {

// No cursor has it.
constexpr std::uint64_t kNoRevision = 0;

Status Mistake(std::string message) { return {StatusCode::kInvalidArgument, std::move(message)}; }

// Takes one entity tag off the front of `list`, with the comma behind it. None: there stands none.
std::optional<std::string_view> TakeTag(std::string_view& list) {
  const std::size_t quote = list.starts_with("W/") ? 2 : 0;
  if (quote >= list.size() || list[quote] != '"') return std::nullopt;
  const std::size_t end = list.find('"', quote + 1);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view tag = list.substr(0, end + 1);
  list.remove_prefix(end + 1);
  list.remove_prefix(std::min(list.find_first_not_of(" \t"), list.size()));
  if (list.empty()) return tag;
  if (list.front() != ',') return std::nullopt;
  list.remove_prefix(std::min(list.find_first_not_of(", \t"), list.size()));
  return tag;
}

// The revisions that `list` names, or kNoRevision where it has none that a cursor can have.
std::optional<std::vector<std::uint64_t>> ParseRevisions(std::string_view list) {
  std::vector<std::uint64_t> revisions;
  do {
    const std::optional<std::string_view> tag = TakeTag(list);
    if (!tag) return std::nullopt;
    if (!tag->starts_with('"')) continue;  // weak: it never matches strongly
    if (const auto revision = ParseNumber(tag->substr(1, tag->size() - 2)))
      revisions.push_back(*revision);
  } while (!list.empty());
  if (revisions.empty()) revisions.push_back(kNoRevision);
  return revisions;
}

}  // namespace

Result<log::CursorCondition> ParseCursorCondition(const http::Request& request) {
  log::CursorCondition condition;
  if (!request.Header("If-Match")) {
    const Result<bool> only_makes = ParseOnlyMakes(request);
    if (!only_makes.ok()) return only_makes.status();
    if (*only_makes) condition.exists = false;
    return condition;
  }
  if (request.Header("If-None-Match"))
    return Mistake("If-Match and If-None-Match exclude each other");
  const std::string list = request.HeaderList("If-Match");
  if (list == "*") {
    condition.exists = true;
    return condition;
  }
  auto revisions = ParseRevisions(list);
  if (!revisions) return Mistake("If-Match is neither * nor a list of entity tags such as \"17\"");
  condition.revisions = *std::move(revisions);
  return condition;
}

Result<bool> ParseOnlyMakes(const http::Request& request) {
  if (request.Header("If-Match")) {
    return Mistake(
        "If-Match is not for logs, whose entity tags are weak; to change a log only where it is a "
        "certain one, name its id with ?log_id=");
  }
  if (!request.Header("If-None-Match")) return false;
  if (request.HeaderList("If-None-Match") == "*") return true;
  return Mistake("If-None-Match can only be * here");
}

std::string CursorTag(const log::Cursor& cursor) {
  return "\"" + std::to_string(cursor.revision) + "\"";
}

}  // namespace daybook::api
