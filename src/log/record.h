// What a log holds. A NewRecord is what a client gives; a RecordView is what a log gives back, in
// memory that a Page keeps alive.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/types.h"
#include "log/headers_view.h"

namespace daybook::log {

struct NewRecord {
  std::optional<std::string> key;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string value;
};

// Records that get consecutive offsets in one step, or none of them does. Never empty.
using Batch = std::vector<NewRecord>;

struct RecordView {
  Offset offset;
  Timestamp timestamp;
  std::optional<std::string_view> key;
  HeadersView headers;
  std::string_view value;
};

// A page has thousands of them: making, moving and freeing one is but copying its bytes.
static_assert(std::is_trivially_copyable_v<RecordView> &&
              std::is_trivially_destructible_v<RecordView>);

// Bytes of value, key and headers.
inline std::uint64_t PayloadBytes(const NewRecord& record) {
  std::uint64_t bytes = record.value.size() + (record.key ? record.key->size() : 0);
  for (const auto& [name, value] : record.headers) bytes += name.size() + value.size();
  return bytes;
}
inline std::uint64_t PayloadBytes(const RecordView& record) {
  return record.value.size() + (record.key ? record.key->size() : 0) +
         record.headers.payload_bytes();
}

}  // namespace daybook::log
