#include "base/printable.h"

#include <algorithm>

#include "base/utf8.h"

namespace daybook {
namespace {

std::string Shown(std::string_view text, std::string_view plain) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t bytes = Utf8CharacterBytes(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(bytes, 1));
    const bool is_shown = bytes > 0 && (plain.find(character) != std::string_view::npos ||
                                        ControlCharacter(character) < 0);
    shown.append(is_shown ? character : std::string_view("\xEF\xBF\xBD"));
    text.remove_prefix(character.size());
  }
  return shown;
}

}  // namespace

std::string Printable(std::string_view text) { return Shown(text, "\t\n"); }
std::string PrintableLine(std::string_view text) { return Shown(text, "\t"); }

}  // namespace daybook
