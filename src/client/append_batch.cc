#include "client/append_batch.h"

#include <utility>

#include "api/json_check.h"
#include "base/base64.h"
#include "base/json_text.h"
#include "base/utf8.h"

namespace daybook::client {
namespace {

// In JSON line breaks stand between tokens alone.
void AppendOnOneLine(std::string_view json, std::string& line) {
  const std::size_t begin = line.size();
  line.append(json);
  for (std::size_t at = begin; (at = line.find_first_of("\r\n", at)) != std::string::npos;)
    line[at] = ' ';
}

void AppendValue(std::string_view value, std::string& line) {
  if (IsUtf8(value)) {
    line += R"("text":)";
    AppendJsonString(line, value);
    return;
  }
  line += R"("value":")";
  AppendBase64(line, value);
  line += '"';
}

}  // namespace

Status AppendRecordLine(const config::AppendOptions& options, std::string_view value,
                        std::string& lines) {
  using Input = config::AppendOptions::Input;
  if (options.input == Input::kRecords) {
    AppendOnOneLine(value, lines);
    lines += '\n';
    return {};
  }
  lines += '{';
  if (options.input == Input::kJson) {
    // Were it not looked at, it could go on behind its end as another member.
    if (Status status = api::CheckJson(std::string(value)); !status.ok()) return status;
    lines += R"("json":)";
    AppendOnOneLine(value, lines);
  } else {
    AppendValue(value, lines);
  }
  if (options.key) AppendJsonMember(lines, "key", *options.key);
  if (!options.headers.empty()) {
    lines += R"(,"headers":{)";
    for (const auto& [name, text] : options.headers) {
      AppendJsonString(lines, name);
      lines += ':';
      AppendJsonString(lines, text);
      lines += ',';
    }
    lines.back() = '}';
  }
  lines += "}\n";
  return {};
}

void AppendBatch::Add(std::string_view line, std::uint64_t number) {
  places_.push_back({number, lines_.size()});
  lines_.append(line);
}

void AppendBatch::Clear() {
  lines_.clear();
  places_.clear();
}

std::string_view AppendBatch::Lines(std::size_t begin, std::size_t end) const {
  const auto position = [this](std::size_t record) {
    return record < places_.size() ? places_[record].position : lines_.size();
  };
  return std::string_view(lines_).substr(position(begin), position(end) - position(begin));
}

}  // namespace daybook::client
