#include "api/json.h"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "api/json_numbers.h"
#include "base/json_text.h"

namespace daybook::api {
namespace {

using rapidjson::SizeType;

constexpr std::size_t kShownNameBytesMax = 64;  // an answer does not send a long name back

// RapidJSON checks the bytes of a string, but not what its escapes make: a lone surrogate comes out
// as the three bytes ED A0..BF xx, which no valid UTF-8 has.
bool HasLoneSurrogate(std::string_view text) {
  for (std::size_t at = 0; (at = text.find('\xED', at)) != std::string_view::npos; ++at) {
    if (at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) >= 0xA0) return true;
  }
  return false;
}

// RapidJSON works on a copy of an InsituStringStream and tells its position only afterwards; not so
// of a class that it does not know.
class PositionedStream : public rapidjson::InsituStringStream {
 public:
  explicit PositionedStream(char* text) : rapidjson::InsituStringStream(text) {}
};

// Stands between RapidJSON and a visitor, with the checks that are the same for all.
class Checker {
 public:
  Checker(JsonVisitor& visitor, const char* text, PositionedStream& stream, NumberMask& numbers)
      : visitor_(visitor), text_(text), stream_(stream), numbers_(numbers) {}

  bool Null() { return At(0).Pass(visitor_.Null()); }
  bool Bool(bool value) { return At(0).Pass(visitor_.Bool(value)); }
  // The text of a number stays as it is, so it can be found by where it ends.
  bool RawNumber(const char*, SizeType bytes, bool) {
    const std::size_t position = stream_.Tell() - bytes;
    numbers_.Unmask(position);
    return At(0).Pass(visitor_.Number({text_ + position, bytes}));
  }
  bool String(const char* value, SizeType bytes, bool) {
    const std::string_view view(value, bytes);
    if (HasLoneSurrogate(view)) return Pass("a string has half of a surrogate pair");
    return At(0).Pass(visitor_.String(view));
  }
  bool Key(const char* name, SizeType bytes, bool) {
    const std::string_view view(name, bytes);
    if (HasLoneSurrogate(view)) return Pass("a member's name has half of a surrogate pair");
    if (names_.size() == kJsonOpenMembersMax) {
      return Pass("there are more than " + std::to_string(kJsonOpenMembersMax) + " members");
    }
    names_.push_back(view);
    return At(0).Pass(visitor_.Key(view));
  }
  bool StartObject() {
    first_names_.push_back(names_.size());
    return Open() && At(kBracketBytes).Pass(visitor_.StartObject());
  }
  bool EndObject(SizeType) {
    --depth_;
    return NoDuplicates() && At(kBracketBytes).Pass(visitor_.EndObject());
  }
  bool StartArray() { return Open() && At(kBracketBytes).Pass(visitor_.StartArray()); }
  bool EndArray(SizeType) {
    --depth_;
    return At(kBracketBytes).Pass(visitor_.EndArray());
  }
  // Numbers come as RawNumber; RapidJSON wants these to exist.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  const std::string& objection() const { return objection_; }

 private:
  static constexpr std::size_t kBracketBytes = 1;  // RapidJSON tells of one before it takes it

  // Tells the visitor where the element ends: so far behind what was read.
  Checker& At(std::size_t bytes_behind) {
    visitor_.MoveTo(stream_.Tell() + bytes_behind);
    return *this;
  }
  bool Pass(std::string objection) {
    objection_ = std::move(objection);
    return objection_.empty();
  }
  bool Open() {
    if (++depth_ <= kJsonDepthMax) return true;
    return Pass("there are more than " + std::to_string(kJsonDepthMax) + " levels");
  }
  // Sorting takes no longer for names that were chosen to collide.
  bool NoDuplicates() {
    const auto begin = names_.begin() + static_cast<std::ptrdiff_t>(first_names_.back());
    first_names_.pop_back();
    std::string duplicate;
    if (names_.end() - begin > 1) {
      std::sort(begin, names_.end());
      const auto twice = std::adjacent_find(begin, names_.end());
      if (twice != names_.end())
        duplicate = "the member " + ShownName(*twice) + " stands twice in one object";
    }
    names_.erase(begin, names_.end());
    return Pass(std::move(duplicate));
  }

  JsonVisitor& visitor_;
  const char* text_;
  PositionedStream& stream_;
  NumberMask& numbers_;
  std::vector<std::string_view> names_;   // of all objects that are open
  std::vector<std::size_t> first_names_;  // where those of each begin
  std::size_t depth_ = 0;
  std::string objection_;
};

Status Malformed(const std::string& what, std::size_t position) {
  return {StatusCode::kInvalidArgument, what + " (at byte " + std::to_string(position) + ")"};
}

Status ParsePadded(char* text, std::size_t size, JsonVisitor& visitor) {
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseInsituFlag |
                              rapidjson::kParseValidateEncodingFlag |
                              rapidjson::kParseNumbersAsStringsFlag;
  NumberMask numbers({text, size});
  PositionedStream stream(text);
  Checker checker(visitor, text, stream, numbers);
  rapidjson::Reader reader;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, checker);
  if (result.IsError()) {
    if (!checker.objection().empty()) return Malformed(checker.objection(), stream.Tell());
    return Malformed(rapidjson::GetParseError_En(result.Code()), std::min(result.Offset(), size));
  }
  // A NUL ends the text for RapidJSON; for us it is a byte behind the value.
  if (stream.Tell() != size)
    return Malformed("there is a NUL byte behind the value", stream.Tell());
  return {};
}

}  // namespace

std::string ShownName(std::string_view name) {
  std::string shown;
  AppendJsonString(shown, name.substr(0, kShownNameBytesMax));
  return name.size() > kShownNameBytesMax ? shown + "..." : shown;
}

Status ParseJson(std::string& text, JsonVisitor& visitor) {
  if (text.compare(0, 3, "\xEF\xBB\xBF") == 0) {
    return Malformed("a byte order mark is not part of JSON", 0);
  }
  // Where a string ends in the middle of a character, RapidJSON reads on for what is missing of it.
  constexpr std::size_t kReadAheadBytes = 3;
  const std::size_t size = text.size();
  text.append(kReadAheadBytes, '\0');
  Status status = ParsePadded(text.data(), size, visitor);
  text.resize(size);
  return status;
}

}  // namespace daybook::api
