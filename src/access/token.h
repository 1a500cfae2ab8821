// Tokens: what a client shows to be let in, and the digests by which a server knows them. Functions
// of any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/sha256.h"
#include "base/status.h"

namespace daybook::access {

// SHA-256 of a token. A token has 256 random bits, so that nothing slower is needed to hide it.
using TokenDigest = Sha256Digest;

inline TokenDigest DigestOf(std::string_view token) { return Sha256(token); }

// `dbk_` and 64 hexadecimal digits, of the system's random numbers. kInternal: it gives none.
Result<std::string> MakeToken();

// `text` with `dbk_***` in the place of each token that MakeToken() made, or of the front of one:
// clients put them where they do not belong.
std::string WithoutTokens(std::string_view text);

// `sha256:` and 64 hexadecimal digits, as a token file has it.
std::string TextOf(const TokenDigest& digest);
std::optional<TokenDigest> ParseDigest(std::string_view text);

}  // namespace daybook::access
