// CursorTable is the cursors of one log, by name. Not thread-safe; what the log's end is, and
// whether there is room, the caller has seen to.
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
