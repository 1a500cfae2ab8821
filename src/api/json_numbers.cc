#include "api/json_numbers.h"

#include <algorithm>
#include <cstring>

namespace daybook::api {
namespace {

// A number of so many bytes that has no exponent fits into a double.
constexpr std::size_t kFittingBytes = 300;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::size_t DigitsAt(std::string_view text, std::size_t position) {
  const auto begin = text.begin() + static_cast<std::ptrdiff_t>(std::min(position, text.size()));
  return static_cast<std::size_t>(std::find_if_not(begin, text.end(), IsDigit) - begin);
}

bool OneOf(std::string_view characters, std::string_view text, std::size_t position) {
  return position < text.size() && characters.find(text[position]) != std::string_view::npos;
}

// Where the string ends, behind its quote, that begins with the one at `position`.
std::size_t EndOfString(std::string_view text, std::size_t position) {
  for (std::size_t at = position + 1; (at = text.find('"', at)) != std::string_view::npos; ++at) {
    std::size_t backslashes = 0;
    while (text[at - 1 - backslashes] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return at + 1;
  }
  return text.size();
}

}  // namespace

std::size_t JsonNumberBytes(std::string_view text) {
  std::size_t at = OneOf("-", text, 0) ? 1 : 0;
  const std::size_t whole = OneOf("0", text, at) ? 1 : DigitsAt(text, at);
  if (whole == 0) return 0;
  at += whole;
  if (OneOf(".", text, at)) {
    const std::size_t fraction = DigitsAt(text, at + 1);
    if (fraction == 0) return 0;
    at += 1 + fraction;
  }
  if (OneOf("eE", text, at)) {
    const std::size_t sign = OneOf("+-", text, at + 1) ? 1 : 0;
    const std::size_t exponent = DigitsAt(text, at + 1 + sign);
    if (exponent == 0) return 0;
    at += 1 + sign + exponent;
  }
  return at;
}

void NumberMask::MaskNext() {
  const std::string_view view(text_.data(), text_.size());
  masked_.clear();
  while (scanned_ < view.size() && masked_.empty()) {
    const std::size_t at = scanned_;
    if (view[at] == '"') {
      scanned_ = EndOfString(view, at);
    } else if (IsDigit(view[at]) || view[at] == '-') {
      const std::size_t bytes = JsonNumberBytes(view.substr(at));
      scanned_ += std::max<std::size_t>(bytes, 1);
      const bool has_exponent =
          view.substr(at, bytes).find_first_of("eE") != std::string_view::npos;
      if (bytes > kFittingBytes || has_exponent) Mask(at, bytes);
    } else {
      ++scanned_;
    }
  }
}

// With "0.000", of which the shortest is as short as the shortest number with an exponent.
void NumberMask::Mask(std::size_t position, std::size_t bytes) {
  char* const number = text_.data() + position;
  masked_position_ = position;
  masked_.assign(number, bytes);
  std::memset(number, '0', bytes);
  number[1] = '.';
}

void NumberMask::Unmask(std::size_t position) {
  if (masked_.empty() || masked_position_ != position) return;
  std::copy(masked_.begin(), masked_.end(), text_.begin() + static_cast<std::ptrdiff_t>(position));
  MaskNext();
}

}  // namespace daybook::api
