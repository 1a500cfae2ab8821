// Response is one answer: a code, header fields and a body that is whole. The connection adds Date,
// Content-Length, Connection and what else the protocol asks for; a body in an answer to HEAD is
// counted but not sent.
#pragma once

#include <string>
#include <string_view>

#include "http/vocabulary.h"

namespace daybook::http {

struct Response {
  Code code = Code::Ok;
  std::string fields;  // "Name: value\r\n" each
  std::string body;
  // Closes the connection after this answer.
  bool close = false;

  // Adds a field. A name or value that would break the header apart (CR, LF, NUL) is a CHECK: what
  // comes from clients is encoded before it gets here.
  Response& AddField(std::string_view name, std::string_view value);
};

// An error that the HTTP layer itself answers with, before or instead of a handler.
struct Error {
  Code code = Code::Bad_Request;
  std::string_view kind;        // of the problem, such as "malformed-request"
  std::string detail;           // what was wrong, where, what would be right
  Method method = Method::Get;  // of the request, as far as it was read
};

}  // namespace daybook::http
