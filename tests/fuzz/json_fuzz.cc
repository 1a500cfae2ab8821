// No body crashes the dialects' parsers. What they accept means the same after it was written anew,
// and lines do however they arrive.

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "api/batch_body.h"
#include "api/json.h"
#include "api/record_json.h"
#include "api/seed.h"
#include "base/base64.h"
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

bool Same(const daybook::log::NewRecord& a, const daybook::log::NewRecord& b) {
  return a.key == b.key && a.headers == b.headers && a.value == b.value;
}

// What was accepted is shown by a read, in each encoding, as what it is.
void DemandShownAsTheSame(const daybook::log::Batch& batch) {
  using daybook::api::ValueEncoding;
  for (const daybook::log::NewRecord& record : batch) {
    daybook::log::RecordView view;
    if (record.key) view.key = *record.key;
    std::string headers;
    for (const auto& [name, value] : record.headers)
      daybook::log::HeadersView::Append(headers, name, value);
    view.headers = daybook::log::HeadersView(headers, record.headers.size());
    view.value = record.value;
    for (const auto encoding : {ValueEncoding::kBase64, ValueEncoding::kText}) {
      std::string shown;
      daybook::api::AppendRecordJson(shown, view, encoding);
      const auto read = daybook::api::ParseRecord(shown, daybook::api::ReadMembers::kIgnored, {});
      Demand(read.ok() && Same(*read, record));
    }
  }
}

struct Lines {
  std::optional<daybook::api::BatchFault> fault;
  daybook::log::Batch batch;
};

Lines Parse(std::string_view text, std::size_t piece_bytes) {
  daybook::api::NdjsonBatch parser{daybook::api::ApiLimits()};
  Lines lines;
  for (std::size_t at = 0; at < text.size() && !lines.fault; at += piece_bytes)
    lines.fault = parser.Add(text.substr(at, piece_bytes));
  if (!lines.fault) lines.fault = parser.Finish(lines.batch);
  return lines;
}

void DemandTheSameInPieces(std::string_view text) {
  const Lines whole = Parse(text, text.size() + 1);
  const std::size_t piece_bytes = text.empty() ? 1 : 1 + static_cast<unsigned char>(text[0]) % 8;
  const Lines pieces = Parse(text, piece_bytes);
  Demand(whole.fault.has_value() == pieces.fault.has_value());
  if (whole.fault) {
    Demand(whole.fault->index == pieces.fault->index && whole.fault->line == pieces.fault->line);
    return;
  }
  Demand(whole.batch.size() == pieces.batch.size());
  for (std::size_t i = 0; i < whole.batch.size(); ++i)
    Demand(Same(whole.batch[i], pieces.batch[i]));
  DemandShownAsTheSame(whole.batch);
}

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
    daybook::AppendBase64(written, *value);
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

  DemandTheSameInPieces(input);
  body = input;
  daybook::log::Batch batch;
  if (!daybook::api::ParseJsonBatch(body, daybook::api::ApiLimits(), batch))
    DemandShownAsTheSame(batch);
  return 0;
}
