// No body crashes dialect 1's parsers, and what they accept means the same after it was written
// anew.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "api/base64.h"
#include "api/json.h"
#include "api/seed.h"
#include "base/json_text.h"

namespace {

void Demand(bool condition) {
  if (!condition) std::abort();
}

// Writes what it is told of, so that it can be parsed again.
class Rewriter : public daybook::api::JsonVisitor {
 public:
  std::string Null() override { return Element("null"); }
  std::string Bool(bool value) override { return Element(value ? "true" : "false"); }
  std::string Number(std::string_view text) override { return Element(text); }
  std::string String(std::string_view value) override {
    std::string quoted;
    daybook::AppendJsonString(quoted, value);
    return Element(quoted);
  }
  std::string StartObject() override { return Open('{'); }
  std::string Key(std::string_view name) override {
    std::string quoted;
    daybook::AppendJsonString(quoted, name);
    Element(quoted);
    text_.push_back(':');
    first_ = true;
    return {};
  }
  std::string EndObject() override { return Close('}'); }
  std::string StartArray() override { return Open('['); }
  std::string EndArray() override { return Close(']'); }

  const std::string& text() const { return text_; }

 private:
  std::string Element(std::string_view text) {
    if (!first_) text_.push_back(',');
    text_.append(text);
    first_ = false;
    return {};
  }
  std::string Open(char bracket) {
    Element(std::string(1, bracket));
    first_ = true;
    return {};
  }
  std::string Close(char bracket) {
    text_.push_back(bracket);
    first_ = false;
    return {};
  }

  std::string text_;
  bool first_ = true;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);

  std::string body = input;
  Rewriter once;
  if (daybook::api::ParseJson(body, once).ok()) {
    std::string again = once.text();
    Rewriter twice;
    Demand(daybook::api::ParseJson(again, twice).ok());
    Demand(twice.text() == once.text());
  }

  body = input;
  if (const auto value = daybook::api::ParseSeedAppend(body); value.ok()) {
    std::string written = R"({"record":{"value":")";
    daybook::api::AppendBase64(written, *value);
    written.append(R"("}})");
    const auto again = daybook::api::ParseSeedAppend(written);
    Demand(again.ok() && *again == *value);
  }

  body = input;
  if (const auto offset = daybook::api::ParseSeedRead(body); offset.ok()) {
    std::string written = R"({"offset":)" + std::to_string(offset->value) + "}";
    const auto again = daybook::api::ParseSeedRead(written);
    Demand(again.ok() && *again == *offset);
  }
  return 0;
}
