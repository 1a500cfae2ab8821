// What the streams and subjects of a store are called. With the prefix `daybook`:
//
//   daybook_catalogue                      the stream of the catalogue: a message a subject
//   daybook.log.<name>                     there: which log has that name
//   daybook.cursor.<id>.<name>             there: a cursor of that log
//   daybook_<name>_<id>                    the stream of a log, whose name is in it for people only
//   daybook.records.<id>                   the one subject of that
//   daybook.notice.log.<name>              what was put into the catalogue, published again
//   daybook.notice.records.<id>            the headers of what was appended, published again
//
// A name is escaped as EscapeText() does. A log's stream and subject have its id, so that nothing
// that is meant for a log which was deleted reaches one that has its name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "log/log_id.h"

namespace daybook::jetstream {

class Names {
 public:
  explicit Names(std::string prefix) : prefix_(std::move(prefix)) {}

  std::string CatalogueStream() const { return prefix_ + "_catalogue"; }
  std::string LogKey(std::string_view name) const;
  std::string CursorKey(const log::LogId& log, std::string_view name) const;
  // Of all logs, and of all cursors of one, as a filter.
  std::string LogKeys() const { return prefix_ + ".log.*"; }
  std::string CursorKeys(const log::LogId& log) const;
  std::string AllCursorKeys() const { return prefix_ + ".cursor.*.*"; }
  // The last part of a key. None: it is not of this store.
  static std::optional<std::string> NameIn(std::string_view key);

  std::string Stream(std::string_view name, const log::LogId& id) const;
  std::string Records(const log::LogId& id) const;

  std::string LogNotices() const { return prefix_ + ".notice.log.*"; }
  std::string LogNoticesFromCatalogue() const { return prefix_ + ".notice.log.{{wildcard(1)}}"; }
  std::string RecordNotices() const { return prefix_ + ".notice.records.*"; }
  std::string RecordNotice(const log::LogId& id) const;

 private:
  const std::string prefix_;
};

}  // namespace daybook::jetstream
