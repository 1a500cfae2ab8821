#include "log/cursor_table.h"

#include <utility>

#include "base/check.h"
#include "log/refusals.h"

namespace daybook::log {

Status CheckCursorPut(const Cursor* present, const CursorCondition& condition, Offset offset,
                      Offset next_offset, std::size_t cursors, const StoreLimits& limits) {
  if (Status holds = condition.Check(present); !holds.ok()) return holds;
  if (offset > next_offset) return BeyondEnd(offset, next_offset);
  if (present == nullptr && cursors >= limits.cursors_max) return TooManyCursors(limits);
  return {};
}

Status CheckCursorDelete(const Cursor* present, const CursorCondition& condition,
                         std::string_view name) {
  if (Status holds = condition.Check(present); !holds.ok()) return holds;
  return present == nullptr ? NoSuchCursor(name) : Status();
}

const Cursor* CursorTable::Find(std::string_view name) const {
  const auto found = cursors_.find(name);
  return found == cursors_.end() ? nullptr : &found->second;
}

std::vector<Cursor> CursorTable::All() const {
  std::vector<Cursor> all;
  all.reserve(cursors_.size());
  for (const auto& [name, cursor] : cursors_) all.push_back(cursor);
  return all;
}

Result<Cursor> CursorTable::Get(std::string_view name) const {
  const Cursor* const cursor = Find(name);
  if (cursor == nullptr) return NoSuchCursor(name);
  return *cursor;
}

CursorPut CursorTable::Put(Cursor cursor) {
  const auto [place, made] = cursors_.insert_or_assign(cursor.name, cursor);
  return {place->second, made};
}

void CursorTable::Remove(std::string_view name) {
  const auto found = cursors_.find(name);
  CHECK(found != cursors_.end(), "a cursor is removed that is not there");
  cursors_.erase(found);
}

}  // namespace daybook::log
