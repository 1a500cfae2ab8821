#include "jetstream/message.h"

#include <charconv>

namespace daybook::jetstream {

std::size_t Outgoing::bytes() const {
  std::size_t bytes = subject.size() + data.size();
  for (const auto& [name, value] : headers) bytes += std::string_view(name).size() + value.size();
  return bytes;
}

std::optional<std::string_view> Incoming::Header(const char* name) const {
  const char* value = nullptr;
  if (natsMsgHeader_Get(message_.get(), name, &value) != NATS_OK) return std::nullopt;
  return value == nullptr ? "" : value;
}

std::optional<std::uint64_t> Incoming::NumberHeader(const char* name) const {
  const std::optional<std::string_view> text = Header(name);
  if (!text) return std::nullopt;
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text->data() + text->size()) return std::nullopt;
  return number;
}

int Incoming::status() const { return static_cast<int>(NumberHeader("Status").value_or(0)); }

}  // namespace daybook::jetstream
