#include "client/page_format.h"

#include <algorithm>
#include <charconv>

#include "base/utf8.h"

namespace daybook::client {
namespace {

Status NotARecord() { return {StatusCode::kInternal, "what the server sent is no record"}; }

// Of a line of NDJSON, which begins with it.
std::optional<std::uint64_t> OffsetOf(std::string_view line) {
  constexpr std::string_view kBegin = R"({"offset":)";
  if (!line.starts_with(kBegin)) return std::nullopt;
  line.remove_prefix(kBegin.size());
  std::uint64_t offset = 0;
  const auto parsed = std::from_chars(line.data(), line.data() + line.size(), offset);
  return parsed.ec == std::errc() ? std::optional(offset) : std::nullopt;
}

class JsonLines : public PageFormat {
 public:
  explicit JsonLines(Output& output) : PageFormat(output) {}
  const char* media_type() const override { return "application/x-ndjson"; }

 private:
  Result<std::size_t> Take(std::string_view bytes) override {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) return std::size_t{0};
    const std::optional<std::uint64_t> offset = OffsetOf(bytes);
    if (!offset) return NotARecord();
    if (Status status = output_.Add(bytes.substr(0, end + 1)); !status.ok()) return status;
    Written(*offset);
    return end + 1;
  }
};

std::uint64_t LittleEndian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte)
    number = number << 8 | static_cast<unsigned char>(*byte);
  return number;
}

// For a terminal, of which nothing is to be told but characters.
std::string Printable(std::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const std::size_t bytes = Utf8CharacterBytes(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(bytes, 1));
    const bool is_shown =
        bytes > 0 && (character == "\t" || character == "\n" || ControlCharacter(character) < 0);
    printable.append(is_shown ? character : std::string_view("\xEF\xBF\xBD"));
    text.remove_prefix(character.size());
  }
  return printable;
}

class Frames : public PageFormat {
 public:
  Frames(bool is_raw, Output& output) : PageFormat(output), is_raw_(is_raw) {}
  const char* media_type() const override { return "application/octet-stream"; }

 private:
  static constexpr std::size_t kHeadBytes = 28;

  Result<std::size_t> Take(std::string_view bytes) override {
    if (bytes.size() < kHeadBytes) return std::size_t{0};
    const std::uint64_t offset = LittleEndian(bytes.substr(0, 8));
    const std::size_t key_bytes = LittleEndian(bytes.substr(16, 4));
    const std::size_t headers_bytes = LittleEndian(bytes.substr(20, 4));
    const std::size_t value_bytes = LittleEndian(bytes.substr(24, 4));
    const std::size_t value_at = kHeadBytes + key_bytes + headers_bytes;
    if (bytes.size() < value_at + value_bytes) return std::size_t{0};
    const std::string_view value = bytes.substr(value_at, value_bytes);
    Status status =
        !is_raw_ && output_.is_terminal() ? output_.Add(Printable(value)) : output_.Add(value);
    if (status.ok() && !is_raw_) status = output_.Add("\n");
    if (!status.ok()) return status;
    Written(offset);
    return value_at + value_bytes;
  }

  const bool is_raw_;
};

}  // namespace

std::unique_ptr<PageFormat> PageFormat::Make(config::OutputForm form, Output& output) {
  if (form == config::OutputForm::kJson) return std::make_unique<JsonLines>(output);
  return std::make_unique<Frames>(form == config::OutputForm::kRaw, output);
}

Status PageFormat::Put(std::string_view bytes) {
  if (!waiting_.empty()) bytes = waiting_.append(bytes);
  std::size_t taken = 0;
  for (;;) {
    const Result<std::size_t> record = Take(bytes.substr(taken));
    if (!record.ok()) return record.status();
    if (*record == 0) break;
    taken += *record;
  }
  waiting_ = std::string(bytes.substr(taken));
  return {};
}

}  // namespace daybook::client
