// What a MemoryLog does with its cursors.

#include <string>
#include <utility>

#include "log/memory_log.h"

namespace daybook::log {
namespace {

// What a cursor takes, with its place in the table.
std::uint64_t CostOf(std::string_view name) {
  constexpr std::uint64_t kPlaceBytes = 64;
  return sizeof(Cursor) + sizeof(std::string) + 2 * name.size() + kPlaceBytes;
}

}  // namespace

void MemoryLog::GetCursor(std::string_view name, CursorDone done) {
  Result<Cursor> cursor = [&]() -> Result<Cursor> {
    const MutexLock lock(mutex_);
    if (Status present = Present(); !present.ok()) return present;
    return cursors_.Get(name);
  }();
  done(std::move(cursor));
}

void MemoryLog::Cursors(CursorsDone done) {
  Result<std::vector<Cursor>> cursors = [&]() -> Result<std::vector<Cursor>> {
    const MutexLock lock(mutex_);
    if (Status present = Present(); !present.ok()) return present;
    return cursors_.All();
  }();
  done(std::move(cursors));
}

void MemoryLog::PutCursor(std::string name, Offset offset, const CursorCondition& condition,
                          CursorPutDone done) {
  Result<CursorPut> put = [&] {
    const MutexLock lock(mutex_);
    return PutCursorLocked(std::move(name), offset, condition);
  }();
  done(std::move(put));
}

Result<CursorPut> MemoryLog::PutCursorLocked(std::string name, Offset offset,
                                             const CursorCondition& condition) {
  if (Status present = Present(); !present.ok()) return present;
  const Cursor* const cursor = cursors_.Find(name);
  if (Status status =
          CheckCursorPut(cursor, condition, offset, next_offset(), cursors_.size(), limits_);
      !status.ok()) {
    return status;
  }
  if (cursor == nullptr) {
    const std::uint64_t cost = CostOf(name);
    if (Status room = account_.Reserve(cost, "this cursor"); !room.ok()) return room;
    cursor_bytes_ += cost;
  }
  return cursors_.Put({std::move(name), offset, account_.NextRevision()});
}

void MemoryLog::DeleteCursor(std::string_view name, const CursorCondition& condition,
                             DeleteDone done) {
  Status status = [&] {
    const MutexLock lock(mutex_);
    return DeleteCursorLocked(name, condition);
  }();
  done(std::move(status));
}

Status MemoryLog::DeleteCursorLocked(std::string_view name, const CursorCondition& condition) {
  if (Status present = Present(); !present.ok()) return present;
  if (Status status = CheckCursorDelete(cursors_.Find(name), condition, name); !status.ok())
    return status;
  cursors_.Remove(name);
  cursor_bytes_ -= CostOf(name);
  account_.Release(CostOf(name));
  return {};
}

}  // namespace daybook::log
