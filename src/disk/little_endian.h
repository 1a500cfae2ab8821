// Integers as the disk format has them: little-endian, at any address.
#pragma once

#include <bit>
#include <cstring>

namespace daybook::disk {

static_assert(std::endian::native == std::endian::little,
              "the disk format is read and written without swapping bytes");

template <typename Integer>
void PutInteger(char* out, Integer value) {
  std::memcpy(out, &value, sizeof value);
}

template <typename Integer>
Integer GetInteger(const char* bytes) {
  Integer value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

}  // namespace daybook::disk
