// EventReader: finds the events of records in the text of an event stream, however it is split.
//
// It looks at where lines begin and at ids, and keeps no more than one incomplete line. One a
// stream; not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::bench {

class EventReader {
 public:
  // Appends to `ids` that of each event with data which `text` completes.
  void Feed(std::string_view text, std::vector<std::uint64_t>& ids);

  // The id behind the last one, of an event or of what a stream begins with.
  std::uint64_t next_id() const { return next_id_; }
  // A first block has come, though it may have been no event.
  bool has_begun() const { return has_begun_; }

 private:
  void TakeLine(std::string_view line, std::vector<std::uint64_t>& ids);

  std::string pending_;  // of a line
  std::uint64_t next_id_ = 0;
  bool has_data_ = false;
  bool has_begun_ = false;
};

}  // namespace daybook::bench
