#include "load/deliveries.h"

#include <charconv>
#include <system_error>

namespace daybook::bench {

void Deliveries::OnAnswered(std::string_view body, std::int64_t now, bool is_measured) {
  constexpr std::string_view kName = "\"offset\":";
  const std::size_t found = body.find(kName);
  if (found == std::string_view::npos) return;
  std::uint64_t offset = 0;
  const char* const begin = body.data() + found + kName.size();
  if (std::from_chars(begin, body.data() + body.size(), offset).ec != std::errc()) return;
  State* const record = Find(offset);
  if (record == nullptr) return;
  const std::int64_t before = record->exchange(is_measured ? now : kNotMeasured);
  std::uint64_t end = end_;
  while (end <= offset && !end_.compare_exchange_weak(end, offset + 1)) {
  }
  if (!is_measured) return;
  ++appends_;
  early_ += static_cast<std::uint64_t>(-before);
}

void Deliveries::OnDelivered(std::uint64_t offset, std::int64_t now) {
  State* const record = Find(offset);
  if (record == nullptr) return;
  std::int64_t state = record->load();
  while (state <= 0) {
    if (record->compare_exchange_weak(state, state - 1)) return;
  }
  if (state != kNotMeasured) latency_.Add(now - state);
}

Deliveries::State* Deliveries::Find(std::uint64_t offset) {
  return offset >= first_ && offset - first_ < records_.size() ? &records_[offset - first_]
                                                               : nullptr;
}

}  // namespace daybook::bench
