// ResponseParser turns the bytes of a client's connection into one answer, with Boost.Beast's
// parser.
//
// Owned by a Client and used on its thread. Does no input or output.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace daybook::http {

// The first line and the fields of an answer.
struct ResponseHead {
  unsigned code = 0;
  std::vector<std::pair<std::string, std::string>> fields;

  // A field's value, whatever the case of its name; empty where there is none.
  std::string_view Field(std::string_view name) const;
};

class ResponseParser {
 public:
  ResponseParser();
  ~ResponseParser();

  // What has come next. kUnavailable: that is no answer in HTTP/1.1.
  Status Put(std::string_view bytes);
  // Nothing more comes, for the server has closed.
  Status PutEnd();

  bool has_head() const;
  bool is_done() const;
  // Once it is done: another answer may come on this connection.
  bool keep_alive() const;
  const ResponseHead& head() const;
  // What of the body has come since it was taken last, without framing.
  std::string TakeBody();

 private:
  class Beast;

  std::unique_ptr<Beast> beast_;
  std::string waiting_;  // of what was put, that could not be parsed alone
};

}  // namespace daybook::http
