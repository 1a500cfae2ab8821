#include "jetstream/record_message.h"

#include <charconv>
#include <utility>

#include "base/base64.h"
#include "base/hex.h"
#include "base/rfc3339.h"
#include "jetstream/text_escape.h"

namespace daybook::jetstream {
namespace {

constexpr const char* kKeyHeader = "Daybook-Key";
constexpr const char* kHeadersHeader = "Daybook-Headers";
// cnats takes the next header for the value of one that has none.
constexpr const char* kEmptyKey = "%";
constexpr std::size_t kCountBytes = 2;

std::string HeadersText(const log::NewRecord& record) {
  std::string bytes;
  bytes.push_back(static_cast<char>(record.headers.size() & 0xFF));
  bytes.push_back(static_cast<char>(record.headers.size() >> 8));
  for (const auto& [name, value] : record.headers) log::HeadersView::Append(bytes, name, value);
  std::string text;
  AppendBase64(text, bytes);
  return text;
}

std::optional<log::HeadersView> HeadersOf(std::string_view text, std::deque<std::string>& texts) {
  Result<std::string> decoded = Base64Decode(text);
  if (!decoded.ok() || decoded->size() < kCountBytes) return std::nullopt;
  const std::string& bytes = texts.emplace_back(*std::move(decoded));
  const std::size_t count = static_cast<unsigned char>(bytes[0]) |
                            static_cast<std::size_t>(static_cast<unsigned char>(bytes[1])) << 8;
  const std::string_view headers = std::string_view(bytes).substr(kCountBytes);
  if (log::HeadersView::BytesOf(headers, count) != headers.size()) return std::nullopt;
  return log::HeadersView(headers, count);
}

}  // namespace

void PutRecord(log::NewRecord record, Outgoing& message) {
  if (record.key) {
    message.headers.emplace_back(kKeyHeader,
                                 record.key->empty() ? kEmptyKey : EscapeText(*record.key, ".:/"));
  }
  if (!record.headers.empty()) message.headers.emplace_back(kHeadersHeader, HeadersText(record));
  message.data = std::move(record.value);
}

Result<log::RecordView> RecordOf(const Incoming& message, std::deque<std::string>& texts) {
  const auto sequence = message.NumberHeader("Nats-Sequence");
  const auto time = ParseRfc3339(message.Header("Nats-Time-Stamp").value_or(""));
  if (!sequence || *sequence == 0 || !time)
    return Status(StatusCode::kDamaged, "NATS gave a message without its sequence or time");
  const auto damaged = [&](const char* what) {
    return Status(StatusCode::kDamaged,
                  "the message " + std::to_string(*sequence) + " of " +
                      std::string(message.Header("Nats-Stream").value_or("")) + " has " + what);
  };
  log::RecordView record;
  record.offset = Offset(*sequence - 1);
  record.timestamp = *time;
  record.value = message.data();
  if (const auto text = message.Header(kKeyHeader)) {
    std::optional<std::string> key = *text == kEmptyKey ? std::string() : UnescapeText(*text);
    if (!key) return damaged("a wrong Daybook-Key");
    record.key = texts.emplace_back(*std::move(key));
  }
  if (const auto text = message.Header(kHeadersHeader)) {
    const auto headers = HeadersOf(*text, texts);
    if (!headers) return damaged("wrong Daybook-Headers");
    record.headers = *headers;
  }
  return record;
}

std::uint64_t InsideBatch(std::optional<std::string_view> batch_sequence, bool commits) {
  std::uint64_t number = 0;
  if (!batch_sequence || commits) return 0;
  (void)std::from_chars(batch_sequence->data(), batch_sequence->data() + batch_sequence->size(),
                        number);
  return number;
}

std::string KeyedBatch::ToText() const {
  std::string text;
  for (const char c : digest) AppendHex(text, static_cast<unsigned char>(c));
  return text + "-" + std::to_string(records);
}

std::optional<KeyedBatch> KeyedBatch::Parse(std::string_view text) {
  KeyedBatch batch;
  const std::size_t digits = 2 * batch.digest.size();
  if (text.size() < digits + 2 || text[digits] != '-') return std::nullopt;
  for (std::size_t i = 0; i < batch.digest.size(); ++i) {
    const std::optional<unsigned char> byte = HexByte(text.substr(2 * i));
    if (!byte) return std::nullopt;
    batch.digest[i] = static_cast<char>(*byte);
  }
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + digits + 1, end, batch.records);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return batch;
}

}  // namespace daybook::jetstream
