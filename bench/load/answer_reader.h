// AnswerReader: finds the ends of a connection's answers in its bytes, however they are split.
//
// It knows Content-Length and chunked bodies and keeps nothing of them unless it is told to; what
// it holds otherwise is at most one incomplete header. One a connection; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::bench {

struct Answer {
  int status = 0;
  bool close = false;  // the server says that it sends nothing after it
};

class AnswerReader {
 public:
  static constexpr std::size_t kHeaderBytesMax = 65'536;

  // Appends to `answers` one for each answer that `bytes` complete. False where they are no HTTP,
  // or an answer whose end cannot be known; nothing more can be read then.
  [[nodiscard]] bool Feed(std::string_view bytes, std::vector<Answer>& answers);

  void KeepBodies() { keeps_bodies_ = true; }
  // Of the latest answer, as far as it has come, without what frames it; the caller may take away
  // what it has seen.
  std::string& body() { return body_; }

 private:
  enum class State : std::uint8_t { kHeader, kBody, kChunkHeader, kChunk, kTrailer };

  // The text through `end`, once all of it has come; it is valid until the next call.
  std::optional<std::string_view> Gather(std::string_view& bytes, std::string_view end);
  bool TakeHeader(std::string_view header);
  bool TakeField(std::string_view name, std::string_view value);
  bool TakeChunkHeader(std::string_view line);

  State state_ = State::kHeader;
  Answer answer_;
  std::uint64_t left_ = 0;  // bytes of the body, or of the chunk with its line end
  bool has_length_ = false;
  bool chunked_ = false;
  bool complete_ = false;
  bool keeps_bodies_ = false;
  std::string body_;
  std::string pending_;
  bool pending_used_ = false;
};

}  // namespace daybook::bench
