// SHA-256 (FIPS 180-4).
#pragma once

#include <array>
#include <string_view>

namespace daybook {

using Sha256Digest = std::array<unsigned char, 32>;

Sha256Digest Sha256(std::string_view bytes);

}  // namespace daybook
