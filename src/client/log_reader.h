// LogReader reads a log page by page and writes its records, each once and in order, whatever
// becomes of the connection. One thread uses it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/status.h"
#include "client/page_format.h"
#include "client/session.h"
#include "config/client_options.h"

namespace daybook::client {

class LogReader {
 public:
  // Begins at the options' start. What is given must outlive this.
  LogReader(Session& session, PageFormat& format, const config::ReadOptions& options);

  struct Page {
    bool is_end = false;            // it came to the log's end
    std::optional<Answer> refusal;  // why there is none, if the server has said so
  };
  // Reads a page, of at most so many records, and waits for the first one so long where there is
  // none. Asks again where it has to. kUnavailable, kIo and kInternal say why that came to nothing.
  Result<Page> Next(std::uint64_t records_max, std::chrono::milliseconds wait);

  // Goes on there.
  void MoveTo(std::uint64_t offset);
  // Where it goes on; none: that is still to be asked.
  std::optional<std::uint64_t> next_offset() const { return next_offset_; }
  std::uint64_t records() const { return format_.records(); }

 private:
  std::string Target(std::uint64_t records_max, std::chrono::milliseconds wait) const;
  // Reads the body that was opened.
  Status ReadBody();
  // Whether all of a page has come that ends at `next_offset`, of which so many records were there
  // before.
  bool IsWhole(const http::ResponseHead& head, std::uint64_t next_offset,
               std::uint64_t records_before) const;

  Session& session_;
  PageFormat& format_;
  const config::ReadOptions& options_;
  config::ReadStart start_;
  std::optional<std::uint64_t> next_offset_;
  std::string log_id_;  // once it is known
};

}  // namespace daybook::client
