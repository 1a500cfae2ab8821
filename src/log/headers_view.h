// A record's headers where they lie: one behind the other, each as
//
//   offset  size  field
//        0     2  name bytes, little-endian
//        2     2  value bytes
//        4        the name; the value
//
// Both engines keep them so. A view of them costs a record nothing to make, however many there are,
// where a list of their names and values would have to be built, moved and freed with each page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace daybook::log {

class HeadersView {
 public:
  static constexpr std::size_t kLengthsBytes = 4;
  static constexpr std::size_t kTextBytesMax = 0xFFFF;  // of a name, and of a value

  using value_type = std::pair<std::string_view, std::string_view>;  // name, value

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = HeadersView::value_type;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = value_type;

    explicit Iterator(const char* at) : at_(at) {}

    value_type operator*() const {
      const char* const name = at_ + kLengthsBytes;
      return {{name, Length(at_)}, {name + Length(at_), Length(at_ + 2)}};
    }
    Iterator& operator++() {
      at_ += kLengthsBytes + Length(at_) + Length(at_ + 2);
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }

    friend bool operator==(Iterator, Iterator) = default;

   private:
    const char* at_;
  };

  HeadersView() = default;
  // `bytes` are exactly `count` headers: whoever does not know that asks BytesOf() first.
  HeadersView(std::string_view bytes, std::size_t count)
      : data_(bytes.data()),
        bytes_(static_cast<std::uint32_t>(bytes.size())),
        count_(static_cast<std::uint32_t>(count)) {
    CHECK(bytes_ == bytes.size(), "a record's headers are larger than they can be");
  }

  // How many bytes the first `count` headers in `bytes` take, which may be any bytes; none where
  // they do not end within them.
  static std::optional<std::size_t> BytesOf(std::string_view bytes, std::size_t count);

  // Adds a header behind those in `bytes`. Neither text is longer than kTextBytesMax.
  static void Append(std::string& bytes, std::string_view name, std::string_view value);
  // The same at `at`, where there is room; returns where the next one goes.
  static char* Put(char* at, std::string_view name, std::string_view value);

  using const_iterator = Iterator;
  Iterator begin() const { return Iterator(data_); }
  Iterator end() const { return Iterator(data_ + bytes_); }
  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }

  std::string_view bytes() const { return {data_, bytes_}; }
  // Of names and values alone.
  std::uint64_t payload_bytes() const { return bytes_ - std::uint64_t{count_} * kLengthsBytes; }

 private:
  static std::size_t Length(const char* at) {
    std::uint16_t length;
    std::memcpy(&length, at, sizeof length);
    return length;
  }

  const char* data_ = nullptr;
  std::uint32_t bytes_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace daybook::log
