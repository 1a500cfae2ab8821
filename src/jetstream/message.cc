#include "jetstream/message.h"

#include <array>
#include <charconv>
#include <cstddef>

namespace daybook::jetstream {
namespace {

constexpr std::size_t kDiscardedMax = 64;
constexpr std::size_t kDiscardedBytesMax = 256 << 10;

// The messages that this thread is done with.
class Discarded {
 public:
  ~Discarded() { Destroy(); }

  void Add(natsMsg* message) {
    bytes_ += static_cast<std::size_t>(natsMsg_GetDataLength(message));
    messages_[count_++] = message;
    if (count_ == kDiscardedMax || bytes_ > kDiscardedBytesMax) Destroy();
  }

 private:
  void Destroy() {
    for (std::size_t i = 0; i < count_; ++i) natsMsg_Destroy(messages_[i]);
    count_ = 0;
    bytes_ = 0;
  }

  std::array<natsMsg*, kDiscardedMax> messages_{};
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

thread_local Discarded discarded;

}  // namespace

void Incoming::Destroy::operator()(natsMsg* message) const { discarded.Add(message); }

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
