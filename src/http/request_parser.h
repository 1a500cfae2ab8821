// RequestParser turns the bytes of one connection into requests, one after another, strictly by RFC
// 9112.
//
// The header section is first gathered and scanned for its end (a resumable scan, linear in its
// bytes) and only then given to Boost.Beast's parser in one piece; of a chunked body, chunk headers
// and trailers likewise. What comes out therefore does not depend on how the bytes were split.
// Everything that the RFC calls ambiguous is an error: see request_parser.cc for what is refused
// beyond what Beast refuses.
//
// Owned by a connection and used on its thread. Does no input or output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "http/body_budget.h"
#include "http/body_sink.h"
#include "http/limits.h"
#include "http/request.h"
#include "http/response.h"

namespace daybook::http {

class RequestParser {
 public:
  enum class Outcome {
    kNeedMore,  // call again with what was not consumed and what came after it
    kRequest,   // request() is complete; call Next() when it was answered
    kError,     // error() tells; the connection's framing is lost
    kRefused,   // by the one that was to take the body, with refusal(); likewise
  };
  // Where in a request the parser stands.
  enum class Phase { kBetween, kHeader, kBody };

  // Asked when a header is there behind which a body follows; none: the request gets the body.
  using Begin = std::function<std::optional<Upload>(Request& request)>;

  // `limits` and `budget` must outlive the parser.
  RequestParser(const Limits& limits, BodyBudget& budget, Begin begin = nullptr);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Parses up to the end of one request. Adds to `consumed` how many of `bytes` are done with. What
  // is left of an unfinished header or chunk header is not consumed; it is never more than
  // Limits::header_bytes_max. Throws what `begin` and sinks throw, after which only Fail() and the
  // request are of use.
  Outcome Parse(std::string_view bytes, std::size_t& consumed);

  // Forgets the request and makes ready for the next.
  void Next();
  // Makes `error` the outcome.
  Outcome Fail(Error error);

  Request& request() { return request_; }
  const Error& error() const { return error_; }
  Response& refusal() { return *refusal_; }
  // What took the complete request's body; null where the request has it.
  std::unique_ptr<BodySink> TakeSink() { return std::move(sink_); }
  // What the request says of its connection's future (RFC 9112 section 9.3).
  bool keep_alive() const;
  Phase phase() const { return phase_; }
  // Bytes of the body that have come so far, without framing.
  std::uint64_t body_bytes() const { return body_bytes_; }
  // True, once, when the client waits for "100 Continue" before it sends its body.
  bool TakeContinue();

 private:
  class Beast;

  Outcome Malformed(std::string detail);
  Outcome Gather(std::string_view bytes, std::size_t& header_bytes);
  Outcome ParseHeader(std::string_view header);
  Outcome CheckHeader();
  Outcome ParseBody(std::string_view bytes, std::size_t& consumed);
  std::size_t FramingBytes(std::string_view bytes) const;
  Outcome BeginBody();
  bool AddBody(std::string_view bytes);
  bool KeepBody(std::string_view bytes);
  Outcome Refuse(Response refusal);
  std::size_t SkipBlankLines(std::string_view bytes);

  const Limits& limits_;
  const Begin begin_;  // may be null

  std::unique_ptr<Beast> beast_;
  Request request_;
  Error error_;
  std::optional<Response> refusal_;
  std::unique_ptr<BodySink> sink_;
  Phase phase_ = Phase::kBetween;
  bool complete_ = false;
  std::size_t blank_lines_ = 0;
  std::size_t scanned_bytes_ = 0;  // of the header being gathered
  bool first_line_done_ = false;   // of it
  int host_fields_ = 0;
  int length_fields_ = 0;
  std::uint64_t chunk_left_ = 0;  // bytes of the current chunk's data that have not come
  bool first_chunk_ = true;       // is yet to come
  bool expects_continue_ = false;
  std::uint64_t body_bytes_ = 0;
  BodyShare held_;
};

}  // namespace daybook::http
