// RapidJSON refuses a number that a double cannot hold, though it is told to leave numbers as they
// are. So it is shown another of the same length in its place, until it has read it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace daybook::api {

// How many bytes the number (RFC 8259) at the front of `text` takes; 0 where none stands there.
std::size_t JsonNumberBytes(std::string_view text);

// Masks the numbers that might be too large, one at a time: the first, and the next when that one
// has been read. Up to the first place where the text is no JSON nothing but numbers is altered.
class NumberMask {
 public:
  // `text` must outlive this.
  explicit NumberMask(std::span<char> text) : text_(text) { MaskNext(); }

  // The number at `position` has been read: if it was masked it is put back, and the next is
  // masked.
  void Unmask(std::size_t position);

 private:
  void MaskNext();
  void Mask(std::size_t position, std::size_t bytes);

  std::span<char> text_;
  std::size_t scanned_ = 0;  // bytes
  std::size_t masked_position_ = 0;
  std::string masked_;  // what stood there; empty: no other is too large
};

}  // namespace daybook::api
