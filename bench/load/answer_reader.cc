#include "load/answer_reader.h"

#include <strings.h>

#include <algorithm>
#include <charconv>

namespace daybook::bench {
namespace {

bool SameName(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool ParseNumber(std::string_view text, int base, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

bool AnswerReader::Feed(std::string_view bytes, std::vector<Answer>& answers) {
  while (!bytes.empty()) {
    switch (state_) {
      case State::kHeader:
        if (const auto header = Gather(bytes, "\r\n\r\n"); header && !TakeHeader(*header)) {
          return false;
        }
        break;
      case State::kChunkHeader:
        if (const auto line = Gather(bytes, "\r\n"); line && !TakeChunkHeader(*line)) return false;
        break;
      case State::kTrailer:
        if (const auto line = Gather(bytes, "\r\n")) complete_ = line->size() == 2;
        break;
      case State::kBody:
      case State::kChunk: {
        const std::uint64_t taken = std::min<std::uint64_t>(left_, bytes.size());
        const std::size_t line_end = state_ == State::kChunk ? 2 : 0;
        if (keeps_bodies_ && left_ > line_end) {
          body_ += bytes.substr(0, std::min<std::uint64_t>(taken, left_ - line_end));
        }
        bytes.remove_prefix(taken);
        left_ -= taken;
        if (left_ > 0) break;
        complete_ = state_ == State::kBody;
        if (state_ == State::kChunk) state_ = State::kChunkHeader;
        break;
      }
    }
    if (complete_) {
      if (answer_.status >= 200) answers.push_back(answer_);  // 1xx announce another
      complete_ = false;
      state_ = State::kHeader;
    }
    if (pending_.size() > kHeaderBytesMax) return false;
  }
  return true;
}

std::optional<std::string_view> AnswerReader::Gather(std::string_view& bytes,
                                                     std::string_view end) {
  if (pending_used_) pending_.clear();
  pending_used_ = false;
  if (pending_.empty()) {
    const std::size_t found = bytes.find(end);
    if (found != std::string_view::npos) {
      const std::string_view text = bytes.substr(0, found + end.size());
      bytes.remove_prefix(text.size());
      return text;
    }
  }
  const std::size_t before = pending_.size();
  pending_.append(bytes);
  const std::size_t found = pending_.find(end, before - std::min(before, end.size() - 1));
  if (found == std::string::npos) {
    bytes = {};
    return std::nullopt;
  }
  pending_.resize(found + end.size());
  bytes.remove_prefix(pending_.size() - before);
  pending_used_ = true;
  return pending_;
}

bool AnswerReader::TakeHeader(std::string_view header) {
  answer_ = Answer{};
  body_.clear();
  left_ = 0;
  has_length_ = chunked_ = false;
  std::uint64_t status = 0;
  if (header.size() < 13 || header.substr(0, 7) != "HTTP/1." ||
      !ParseNumber(header.substr(9, 3), 10, status)) {
    return false;
  }
  answer_.status = static_cast<int>(status);
  answer_.close = header[7] == '0';
  header.remove_prefix(header.find("\r\n") + 2);
  while (header != "\r\n") {
    const std::string_view line = header.substr(0, header.find("\r\n"));
    header.remove_prefix(line.size() + 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return false;
    if (!TakeField(line.substr(0, colon), Trimmed(line.substr(colon + 1)))) return false;
  }
  if (chunked_) {
    state_ = State::kChunkHeader;
  } else if (status < 200 || status == 204 || status == 304 || (has_length_ && left_ == 0)) {
    complete_ = true;
  } else {
    state_ = State::kBody;
    return has_length_;
  }
  return true;
}

bool AnswerReader::TakeField(std::string_view name, std::string_view value) {
  if (SameName(name, "Content-Length")) {
    has_length_ = true;
    return ParseNumber(value, 10, left_);
  }
  if (SameName(name, "Transfer-Encoding")) chunked_ = SameName(value, "chunked");
  if (SameName(name, "Connection")) answer_.close = SameName(value, "close");
  return true;
}

bool AnswerReader::TakeChunkHeader(std::string_view line) {
  std::uint64_t bytes = 0;
  const std::string_view size = Trimmed(line.substr(0, line.find_first_of(";\r")));
  if (!ParseNumber(size, 16, bytes) || bytes > UINT64_MAX - 2) return false;
  left_ = bytes + 2;
  state_ = bytes == 0 ? State::kTrailer : State::kChunk;
  return true;
}

}  // namespace daybook::bench
