// CursorTable is the cursors of one log, by name, for engines that keep them in memory. Not
// thread-safe; whether one may be put or deleted, the caller has seen to.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/types.h"
#include "log/log.h"

namespace daybook::log {

// Whether a cursor may be put at `offset`, in the order in which clients are told. `present`: the
// one of that name, null where there is none; `cursors`: how many the log has, which ends at
// `next_offset`. kConditionFailed, kBeyondEnd, kNoSpace.
Status CheckCursorPut(const Cursor* present, const CursorCondition& condition, Offset offset,
                      Offset next_offset, std::size_t cursors, const StoreLimits& limits);
// Likewise deleted. kConditionFailed, kNotFound.
Status CheckCursorDelete(const Cursor* present, const CursorCondition& condition,
                         std::string_view name);

class CursorTable {
 public:
  // None: null. Until the table is changed.
  const Cursor* Find(std::string_view name) const;
  // By name.
  std::vector<Cursor> All() const;
  std::size_t size() const { return cursors_.size(); }

  // kNotFound.
  Result<Cursor> Get(std::string_view name) const;
  // Makes the cursor or moves it.
  CursorPut Put(Cursor cursor);
  // The cursor of that name, which is there, is gone.
  void Remove(std::string_view name);

 private:
  std::map<std::string, Cursor, std::less<>> cursors_;
};

}  // namespace daybook::log
