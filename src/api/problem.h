// Errors as people and programs read them: application/problem+json (RFC 9457), the same form for
// every error that this server gives. The kinds are listed, with what to do about each, in
// docs/problems.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/response.h"

namespace daybook::api {

class Problem {
 public:
  // `kind` is one of ProblemKinds().
  Problem(http::Code code, std::string_view kind, std::string detail);

  Problem& Title(std::string_view title);
  Problem& Member(std::string_view name, std::uint64_t value);
  Problem& Member(std::string_view name, std::string_view value);

  // With Content-Type, `Cache-Control: no-store`, Retry-After where the code is 503, and what is
  // taken instead (Accept-Encoding) where the kind is `unsupported-coding`.
  http::Response ToResponse() const;

 private:
  http::Code code_;
  std::string_view kind_;
  std::string title_;
  std::string detail_;
  std::string members_;  // as JSON, each begun by a comma
};

// 400: something is wrong with the query.
Problem InvalidParameter(std::string detail);

// What an error of an append says of the record.
inline constexpr std::string_view kNotAppended = "not_appended";
inline constexpr std::string_view kUnknown = "unknown";

// How http/ shows the errors that it finds itself.
http::Response ErrorPage(const http::Error& error);

// The last part of every `type` there is.
std::vector<std::string_view> ProblemKinds();

}  // namespace daybook::api
