// Media types (RFC 9110 section 8.3.1): what a body is, and which one a client would rather have
// (section 12.5.1).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace daybook::api {

inline constexpr std::string_view kJsonType = "application/json";
inline constexpr std::string_view kNdjsonType = "application/x-ndjson";
inline constexpr std::string_view kBytesType = "application/octet-stream";

// Of a Content-Type: the type without its parameters, "" where there is none that is well-formed.
std::string_view MediaTypeOf(std::string_view content_type);

// Which of `offered` an Accept, all its fields joined, prefers; of equals the first, and that one
// where it names none at all. None: it accepts no one. Parameters but the weight do not count.
std::optional<std::size_t> Negotiate(std::string_view accept,
                                     std::span<const std::string_view> offered);

}  // namespace daybook::api
