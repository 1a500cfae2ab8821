#include "api/record_json.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/json_text.h"
#include "base/rfc3339.h"
#include "base/utf8.h"

namespace daybook::api {
namespace {

// Of which anything is told that is not wrong.
class AnyJson : public JsonVisitor {
 public:
  std::string Null() override { return {}; }
  std::string Bool(bool) override { return {}; }
  std::string Number(std::string_view) override { return {}; }
  std::string String(std::string_view) override { return {}; }
  std::string StartObject() override { return {}; }
  std::string Key(std::string_view) override { return {}; }
  std::string EndObject() override { return {}; }
  std::string StartArray() override { return {}; }
  std::string EndArray() override { return {}; }
};

bool IsJson(std::string_view bytes) {
  std::string text(bytes);
  AnyJson any;
  return ParseJson(text, any).ok();
}

void AppendValue(std::string& out, std::string_view value, ValueEncoding encoding) {
  if (encoding == ValueEncoding::kText && IsUtf8(value)) {
    out.append(R"(,"text":)");
    AppendJsonString(out, value);
  } else if (encoding == ValueEncoding::kJson && IsJson(value)) {
    out.append(R"(,"json":)");
    // In JSON they stand between tokens alone.
    std::replace_copy_if(
        value.begin(), value.end(), std::back_inserter(out),
        [](char c) { return c == '\r' || c == '\n'; }, ' ');
  } else {
    out.append(R"(,"value":")");
    AppendBase64(out, value);
    out.push_back('"');
  }
}

Status TooLarge(std::string_view what, std::size_t has, std::size_t max, std::string_view unit) {
  return {StatusCode::kTooLarge, "the record's " + std::string(what) + " " + std::to_string(has) +
                                     " " + std::string(unit) + "; at most " + std::to_string(max) +
                                     " are taken"};
}

}  // namespace

std::optional<ValueEncoding> ParseValueEncoding(std::string_view name) {
  if (name == "base64") return ValueEncoding::kBase64;
  if (name == "text") return ValueEncoding::kText;
  if (name == "json") return ValueEncoding::kJson;
  return std::nullopt;
}

void AppendHeadersJson(std::string& out, const log::RecordView& record) {
  out.push_back('{');
  for (const auto& [name, value] : record.headers) {
    if (out.back() != '{') out.push_back(',');
    AppendJsonString(out, name);
    out.push_back(':');
    AppendJsonString(out, value);
  }
  out.push_back('}');
}

void AppendRecordJson(std::string& out, const log::RecordView& record, ValueEncoding encoding) {
  out.append(R"({"offset":)");
  AppendJsonNumber(out, record.offset.value);
  out.append(R"(,"timestamp":")");
  AppendRfc3339(out, record.timestamp);
  out.push_back('"');
  if (record.key) AppendJsonMember(out, "key", *record.key);
  if (!record.headers.empty()) {
    out.append(R"(,"headers":)");
    AppendHeadersJson(out, record);
  }
  AppendValue(out, record.value, encoding);
  out.push_back('}');
}

std::string RecordVisitor::Key(std::string_view name) {
  if (depth_ > 1) {
    if (member_ == Member::kHeaders) record_.headers.emplace_back(name, "");
    return {};
  }
  if (name == "value" || name == "text" || name == "json") {
    if (value_member_ == name) return "the member " + value_member_ + " stands twice";
    if (!value_member_.empty())
      return "there are both " + value_member_ + " and " + std::string(name);
    value_member_ = name;
    member_ = name == "value" ? Member::kValue : name == "text" ? Member::kText : Member::kJson;
    if (member_ == Member::kJson) BeginJson();
  } else if (name == "key") {
    member_ = Member::kKey;
  } else if (name == "headers") {
    member_ = Member::kHeaders;
  } else if (read_members_ == ReadMembers::kIgnored && (name == "offset" || name == "timestamp")) {
    member_ = Member::kReadMember;
  } else {
    return "a record has no member " + ShownName(name) +
           "; it has one of value, text and json, and perhaps key and headers";
  }
  return {};
}

// Between a member's name and its value there is a colon, and white space.
void RecordVisitor::BeginJson() {
  json_begin_ = std::min(sent_.find_first_not_of(" \t\r\n:", position()), sent_.size());
}

std::string RecordVisitor::Scalar(std::string_view type, std::string_view text) {
  if (depth_ == 0) return "the record is " + std::string(type) + ", not an object";
  if (depth_ == 1) return OnMember(type, text);
  return member_ == Member::kHeaders ? OnHeader(type, text) : std::string();
}

std::string RecordVisitor::Begin(std::string_view type) {
  std::string objection;
  if (depth_ > 0 || type != "an object") objection = Scalar(type, {});
  ++depth_;
  return objection;
}

std::string RecordVisitor::End() {
  --depth_;
  if (depth_ == 1 && member_ == Member::kJson)
    record_.value = sent_.substr(json_begin_, position() - json_begin_);
  if (depth_ == 0 && value_member_.empty())
    return "the record has none of the members value, text and json";
  return {};
}

std::string RecordVisitor::OnMember(std::string_view type, std::string_view text) {
  const auto expected = [&](std::string_view name, std::string_view what) {
    return "the member " + std::string(name) + " is " + std::string(type) + ", not " +
           std::string(what);
  };
  const bool is_string = type == "a string";
  switch (member_) {
    case Member::kValue: {
      if (!is_string) return expected("value", "a string of base64");
      Result<std::string> value = Base64Decode(text);
      if (!value.ok()) return "the member value is " + value.status().message();
      record_.value = std::move(*value);
      return {};
    }
    case Member::kText:
      if (!is_string) return expected("text", "a string");
      record_.value = text;
      return {};
    case Member::kJson:  // of an object or array the end is told of
      record_.value = sent_.substr(json_begin_, position() - json_begin_);
      return {};
    case Member::kKey:
      if (!is_string) return expected("key", "a string");
      if (HasControlCharacter(text)) return "the member key has a control character";
      record_.key = text;
      return {};
    case Member::kHeaders:
      return type == "an object" ? std::string() : expected("headers", "an object");
    case Member::kReadMember:
    case Member::kNone:
      return {};
  }
  return {};
}

std::string RecordVisitor::OnHeader(std::string_view type, std::string_view text) {
  auto& [name, value] = record_.headers.back();
  if (name.empty() || !std::all_of(name.begin(), name.end(), IsTokenCharacter))
    return "the header " + ShownName(name) + " has a name that is no HTTP token";
  if (type != "a string")
    return "the header " + ShownName(name) + " is " + std::string(type) + ", not a string";
  std::transform(name.begin(), name.end(), name.begin(), LowerAscii);
  value = text;
  return {};
}

Result<log::NewRecord> RecordVisitor::Take(const RecordLimits& limits) && {
  if (Status status = CheckRecord(record_, limits); !status.ok()) return status;
  return std::move(record_);
}

bool IsKey(std::string_view text) { return IsUtf8(text) && !HasControlCharacter(text); }

Status CheckRecord(const log::NewRecord& record, const RecordLimits& limits) {
  if (record.value.size() > limits.value_bytes_max)
    return TooLarge("value has", record.value.size(), limits.value_bytes_max, "bytes");
  if (record.key && record.key->size() > limits.key_bytes_max)
    return TooLarge("key has", record.key->size(), limits.key_bytes_max, "bytes");
  if (record.headers.size() > limits.headers_max)
    return TooLarge("headers are", record.headers.size(), limits.headers_max, "headers");
  std::size_t header_bytes = 0;
  for (auto header = record.headers.begin(); header != record.headers.end(); ++header) {
    const std::string& name = header->first;
    header_bytes += name.size() + header->second.size();
    if (std::any_of(record.headers.begin(), header,
                    [&](const auto& other) { return other.first == name; })) {
      return Status(StatusCode::kInvalidArgument,
                    "the header " + ShownName(name) + " stands twice, if case does not count");
    }
  }
  if (header_bytes > limits.header_bytes_max)
    return TooLarge("headers have", header_bytes, limits.header_bytes_max, "bytes");
  return {};
}

Result<log::NewRecord> ParseRecord(std::string_view text, ReadMembers read_members,
                                   const RecordLimits& limits) {
  std::string parsed(text);
  RecordVisitor visitor(text, read_members);
  if (Status status = ParseJson(parsed, visitor); !status.ok()) return status;
  return std::move(visitor).Take(limits);
}

}  // namespace daybook::api
