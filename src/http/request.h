// Request is one HTTP request as a handler sees it: complete, its framing undone, its target
// decoded as far as the router needs. A connection owns it and uses it again; a handler may look at
// it (and take its body) only until it returns. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/client_address.h"
#include "http/vocabulary.h"

namespace daybook::http {

// What a request was let through with, by whoever decides that (http/gate.h). It lives until the
// answer has been written, one that is made as it is sent until that ended, or the client has gone.
class Pass {
 public:
  virtual ~Pass() = default;
  // Whether it counts no more, so that the gate is to be asked again. On any thread.
  virtual bool ended() const { return false; }
};

class Request {
 public:
  Method method() const { return method_; }
  // False while the method has not been read, and when it is none that we know.
  bool method_known() const { return method_known_; }
  // The target as it was sent.
  std::string_view target() const { return target_; }
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

  // What the request is called in logs: the client's X-Request-Id where that is 1 to 128 printable
  // ASCII characters, else one made here. It is sent back with the answer.
  const std::string& id() const { return id_; }
  // Which of the router's routes it took; none before it was routed, or when there is none for it.
  std::optional<std::size_t> route() const { return route_; }

  const ClientAddress& client() const { return client_; }
  // Null where there was none to be given.
  const std::shared_ptr<const Pass>& pass() const { return pass_; }

  // The decoded path segment that the route calls `{name}`; CHECKs that there is one.
  std::string_view Parameter(std::string_view name) const;

 private:
  friend class RequestParser;
  friend class Router;
  friend class Connection;
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
  bool method_known_ = false;
  int version_minor_ = 1;
  std::string id_;
  std::optional<std::size_t> route_;
  std::string target_;  // origin form: path and query
  std::size_t path_bytes_ = 0;
  std::string fields_text_;
  std::vector<Field> fields_;
  std::string body_;
  std::vector<std::pair<std::string_view, std::string>> parameters_;  // names live in the router
  ClientAddress client_;                                              // of the connection
  bool is_admitted_ = false;
  std::shared_ptr<const Pass> pass_;
};

}  // namespace daybook::http
