#include "load/event_reader.h"

#include <charconv>

namespace daybook::bench {

void EventReader::Feed(std::string_view text, std::vector<std::uint64_t>& ids) {
  for (;;) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      pending_ += text;
      return;
    }
    if (pending_.empty()) {
      TakeLine(text.substr(0, end), ids);
    } else {
      pending_ += text.substr(0, end);
      TakeLine(pending_, ids);
      pending_.clear();
    }
    text.remove_prefix(end + 1);
  }
}

void EventReader::TakeLine(std::string_view line, std::vector<std::uint64_t>& ids) {
  constexpr std::string_view kId = "id: ";
  if (line.empty()) {
    if (has_data_) ids.push_back(next_id_ - 1);
    has_data_ = false;
    has_begun_ = true;
  } else if (line.substr(0, kId.size()) == kId) {
    std::int64_t id = 0;  // -1 before the first record
    std::from_chars(line.data() + kId.size(), line.data() + line.size(), id);
    next_id_ = static_cast<std::uint64_t>(id + 1);
  } else if (line.substr(0, 5) == "data:") {
    has_data_ = true;
  }
}

}  // namespace daybook::bench
