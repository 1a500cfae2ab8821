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

// A name as an answer shows it: as a JSON string, of which a long one is cut.
std::string ShownName(std::string_view name);

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

// A visitor that asks little of an element but its type, with its article: "null", "a boolean", "a
// number", "a string", "an object" or "an array".
class TypedJsonVisitor : public JsonVisitor {
 public:
  std::string Null() final { return Scalar("null", {}); }
  std::string Bool(bool) final { return Scalar("a boolean", {}); }
  std::string Number(std::string_view text) final { return Scalar("a number", text); }
  std::string String(std::string_view value) final { return Scalar("a string", value); }
  std::string StartObject() final { return Begin("an object"); }
  std::string EndObject() final { return End(); }
  std::string StartArray() final { return Begin("an array"); }
  std::string EndArray() final { return End(); }

 private:
  // `text` is that of a number or a string.
  virtual std::string Scalar(std::string_view type, std::string_view text) = 0;
  virtual std::string Begin(std::string_view type) = 0;
  virtual std::string End() = 0;
};

// Parses `text`, in which strings are decoded in place. kInvalidArgument names what is wrong and at
// which byte.
Status ParseJson(std::string& text, JsonVisitor& visitor);

}  // namespace daybook::api
