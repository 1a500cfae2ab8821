// Request is one HTTP request as a handler sees it: complete, its framing undone, its target
// decoded as far as the router needs. A connection owns it and uses it again; a handler may look at
// it (and take its body) only until it returns. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/vocabulary.h"

namespace daybook::http {

class Request {
 public:
  Method method() const { return method_; }
  // The target's path as it was sent, still percent-encoded; begins with '/' (or is `*`).
  std::string_view path() const { return std::string_view(target_).substr(0, path_bytes_); }
  // What follows the first '?', still percent-encoded; none where there is no '?'.
  std::optional<std::string_view> query() const;
  // 0 or 1: the minor number of HTTP/1.x.
  int version_minor() const { return version_minor_; }

  // The value of the first field of that name (case-insensitive), without the white space around
  // it.
  std::optional<std::string_view> Header(std::string_view name) const;
  // The values of all fields of that name, joined by ", " (RFC 9110 section 5.3); empty where there
  // is none.
  std::string HeaderList(std::string_view name) const;

  const std::string& body() const { return body_; }
  // The body to be changed or moved from; a handler may do so, nobody reads it afterwards.
  std::string& mutable_body() { return body_; }

  // The decoded path segment that the route calls `{name}`; CHECKs that there is one.
  std::string_view Parameter(std::string_view name) const;

 private:
  friend class RequestParser;
  friend class Router;
  friend class RequestBuilder;  // tests/

  struct Field {
    std::uint32_t name_position;
    std::uint32_t name_bytes;
    std::uint32_t value_position;
    std::uint32_t value_bytes;
  };
  std::string_view NameOf(const Field& field) const {
    return {fields_text_.data() + field.name_position, field.name_bytes};
  }
  std::string_view ValueOf(const Field& field) const {
    return {fields_text_.data() + field.value_position, field.value_bytes};
  }

  void Clear();
  void SetTarget(std::string target);
  void AddField(std::string_view name, std::string_view value);

  Method method_ = Method::Get;
  int version_minor_ = 1;
  std::string target_;  // origin form: path and query
  std::size_t path_bytes_ = 0;
  std::string fields_text_;
  std::vector<Field> fields_;
  std::string body_;
  std::vector<std::pair<std::string_view, std::string>> parameters_;  // names live in the router
};

}  // namespace daybook::http
