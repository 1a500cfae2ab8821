#include "client/page_format.h"

#include <charconv>

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
  JsonLines(Output& output, std::size_t record_bytes_max) : PageFormat(output, record_bytes_max) {}
  const char* media_type() const override { return "application/x-ndjson"; }

 private:
  Result<std::size_t> Take(std::string_view bytes) override {
    const std::size_t end = bytes.find('\n', searched_);
    searched_ = end == std::string_view::npos ? bytes.size() : 0;
    if (end == std::string_view::npos) return std::size_t{0};
    const std::optional<std::uint64_t> offset = OffsetOf(bytes);
    if (!offset) return NotARecord();
    if (Status status = output_.AddText(bytes.substr(0, end + 1)); !status.ok()) return status;
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

class Frames : public PageFormat {
 public:
  Frames(bool is_raw, Output& output, std::size_t record_bytes_max)
      : PageFormat(output, record_bytes_max), is_raw_(is_raw) {}
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
    if (value_at + value_bytes > record_bytes_max_) return NotARecord();
    if (bytes.size() < value_at + value_bytes) return std::size_t{0};
    const std::string_view value = bytes.substr(value_at, value_bytes);
    Status status = is_raw_ ? output_.Add(value) : output_.AddText(value);
    if (status.ok() && !is_raw_) status = output_.Add("\n");
    if (!status.ok()) return status;
    Written(offset);
    return value_at + value_bytes;
  }

  const bool is_raw_;
};

}  // namespace

std::unique_ptr<PageFormat> PageFormat::Make(config::OutputForm form, Output& output,
                                             std::size_t record_bytes_max) {
  if (form == config::OutputForm::kJson)
    return std::make_unique<JsonLines>(output, record_bytes_max);
  return std::make_unique<Frames>(form == config::OutputForm::kRaw, output, record_bytes_max);
}

Status PageFormat::Put(std::string_view bytes) {
  const bool has_waited = !waiting_.empty();
  if (has_waited) bytes = waiting_.append(bytes);
  std::size_t taken = 0;
  for (;;) {
    const Result<std::size_t> record = Take(bytes.substr(taken));
    if (!record.ok()) return record.status();
    if (*record == 0) break;
    taken += *record;
  }
  if (has_waited) {
    waiting_.erase(0, taken);
  } else {
    waiting_ = bytes.substr(taken);
  }
  return waiting_.size() <= record_bytes_max_ ? Status() : NotARecord();
}

}  // namespace daybook::client
