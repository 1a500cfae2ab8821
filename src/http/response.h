// Response is one answer: a code, header fields and a body, which is whole or is made as it is
// sent. The connection adds Date, Content-Length, Connection and what else the protocol asks for; a
// body in an answer to HEAD is counted, as far as its size is known, but neither made nor sent.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "http/body_source.h"
#include "http/vocabulary.h"

namespace daybook::http {

struct Response {
  Code code = Code::Ok;
  std::string fields;  // "Name: value\r\n" each
  std::string body;
  // Closes the connection after this answer.
  bool close = false;
  // Where there is one it makes the body, and `body` is empty. Not in an error page.
  std::unique_ptr<BodySource> source = nullptr;

  // Adds a field. A name or value that would break the header apart (CR, LF, NUL) is a CHECK: what
  // comes from clients is encoded before it gets here.
  Response& AddField(std::string_view name, std::string_view value) &;
  Response&& AddField(std::string_view name, std::string_view value) && {
    return std::move(AddField(name, value));
  }
};

// An error that the HTTP layer itself answers with, before or instead of a handler.
struct Error {
  Code code = Code::Bad_Request;
  std::string_view kind;        // of the problem, such as "malformed-request"
  std::string detail;           // what was wrong, where, what would be right
  Method method = Method::Get;  // of the request, as far as it was read
};

}  // namespace daybook::http
