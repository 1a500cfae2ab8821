// Strict JSON (RFC 8259) for requests; base/json_text.h writes that of answers.
//
// A request is parsed in one pass, without a tree: a JsonVisitor is told of each element in turn.
// Refused are: bytes that are not UTF-8, lone surrogates, a byte order mark, duplicate members at
// any level, more than kJsonDepthMax levels or kJsonOpenMembersMax members, and anything behind the
// value. Parsing is iterative: no input can exhaust the stack.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/status.h"

namespace daybook::api {

inline constexpr std::size_t kJsonDepthMax = 64;
// Of all objects that are open at one time: their names are remembered, to find duplicates.
inline constexpr std::size_t kJsonOpenMembersMax = 512 << 10;

// Told of a document's elements. A call returns what it has against the element, "" if nothing; the
// parse then ends with that and the position. Views live as long as the parsed text.
class JsonVisitor {
 public:
  virtual ~JsonVisitor() = default;
  virtual std::string Null() = 0;
  virtual std::string Bool(bool value) = 0;
  virtual std::string Number(std::string_view text) = 0;  // as it was written
  virtual std::string String(std::string_view value) = 0;
  virtual std::string StartObject() = 0;
  virtual std::string Key(std::string_view name) = 0;
  virtual std::string EndObject() = 0;
  virtual std::string StartArray() = 0;
  virtual std::string EndArray() = 0;

  // Where the element ends of which it was told last; of a start, where its bracket does.
  std::size_t position() const { return position_; }
  void MoveTo(std::size_t position) { position_ = position; }

 private:
  std::size_t position_ = 0;  // in the text, in bytes
};

// Parses `text`, in which strings are decoded in place. kInvalidArgument names what is wrong and at
// which byte.
Status ParseJson(std::string& text, JsonVisitor& visitor);

}  // namespace daybook::api
