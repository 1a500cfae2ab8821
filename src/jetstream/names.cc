#include "jetstream/names.h"

#include <algorithm>

#include "jetstream/text_escape.h"

namespace daybook::jetstream {
namespace {

// Of a log's name in that of its stream, which may have 255 bytes in all.
constexpr std::size_t kShownNameBytesMax = 100;

}  // namespace

std::string Names::LogKey(std::string_view name) const {
  return prefix_ + ".log." + EscapeText(name);
}

std::string Names::CursorKey(const log::LogId& log, std::string_view name) const {
  return prefix_ + ".cursor." + log.ToString() + "." + EscapeText(name);
}

std::string Names::CursorKeys(const log::LogId& log) const {
  return prefix_ + ".cursor." + log.ToString() + ".*";
}

std::optional<std::string> Names::NameIn(std::string_view key) {
  return UnescapeText(key.substr(key.rfind('.') + 1));
}

std::string Names::Stream(std::string_view name, const log::LogId& id) const {
  std::string shown(name.substr(0, kShownNameBytesMax));
  std::replace_if(
      shown.begin(), shown.end(),
      [](char c) {
        return EscapeText({&c, 1}).size() > 1;
      },
      '-');
  return prefix_ + "_" + shown + "_" + id.ToString();
}

std::string Names::Records(const log::LogId& id) const {
  return prefix_ + ".records." + id.ToString();
}

std::string Names::RecordNotice(const log::LogId& id) const {
  return prefix_ + ".notice.records." + id.ToString();
}

}  // namespace daybook::jetstream
