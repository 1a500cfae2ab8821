// Content-Encoding: gzip for answers that are worth it (RFC 9110 section 8.4, RFC 1952).
#pragma once

#include <string>
#include <string_view>

namespace daybook::api {

// What an Accept-Encoding, all its fields joined, says of gzip (RFC 9110 section 12.5.3).
bool AcceptsGzip(std::string_view accept_encoding);

std::string Gzip(std::string_view bytes);

}  // namespace daybook::api
