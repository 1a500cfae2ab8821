#include "log/log_id.h"

#include <sys/random.h>

#include <cstddef>

#include "base/check.h"
#include "base/hex.h"

namespace daybook::log {
namespace {

constexpr std::size_t kTextBytes = 36;

bool IsDash(std::size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

}  // namespace

LogId LogId::Random() {
  LogId id;
  const ssize_t filled = ::getrandom(id.bytes.data(), id.bytes.size(), 0);
  CHECK(filled == static_cast<ssize_t>(id.bytes.size()), "the kernel gives no random bytes");
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | 0x40);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
  return id;
}

std::optional<LogId> LogId::Parse(std::string_view text) {
  if (text.size() != kTextBytes) return std::nullopt;
  LogId id;
  std::size_t position = 0;
  for (std::uint8_t& byte : id.bytes) {
    if (IsDash(position) && text[position++] != '-') return std::nullopt;
    const std::optional<unsigned char> value = HexByte(text.substr(position));
    if (!value) return std::nullopt;
    byte = *value;
    position += 2;
  }
  return id;
}

std::string LogId::ToString() const {
  std::string text;
  text.reserve(kTextBytes);
  for (const std::uint8_t byte : bytes) {
    if (IsDash(text.size())) text += '-';
    AppendHex(text, byte);
  }
  return text;
}

}  // namespace daybook::log
