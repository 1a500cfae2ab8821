// Appender appends batches to a log, one after the other, each at most once, whatever becomes of
// the connection and of the server. For that each has an Idempotency-Key, and is not sent again
// when the server may not know that any more. One thread uses it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "client/append_batch.h"
#include "client/output.h"
#include "client/session.h"
#include "config/client_options.h"

namespace daybook::client {

class Appender {
 public:
  // What is given must outlive this.
  Appender(Session& session, Output& output, const config::AppendOptions& options);

  struct Limits {
    BatchLimits batch;
    std::uint64_t value_bytes_max = 1 << 20;
  };
  // What the server says that it takes; where it says nothing to this client, what is usual. Also
  // asks for how long the log knows keys.
  Result<Limits> AskLimits();

  // Sends lines of NDJSON, which are to live until Finish().
  void Start(std::string_view lines);
  // The same of a value as it is.
  void StartRaw(std::string_view value);
  // Waits until it is appended, and writes where; what was written of that is in the log. One that
  // the server has refused is no error, but has an answer of 4xx. With an error, and with a
  // refusal, it was not appended, unless is_unknown().
  Result<Answer> Finish();
  // The batch may have been appended, for no answer says what has become of it.
  bool is_unknown() const { return is_unknown_; }

  std::uint64_t records() const { return records_; }  // that were appended

 private:
  http::ClientRequest Request() const;
  void Send(std::string target, std::string_view content_type, std::string_view body);
  Status MakeLog();
  Status AskWindow();
  void TakeWindow(const Answer& log);
  Status Tell(const Answer& answer);

  Session& session_;
  Output& output_;
  const config::AppendOptions& options_;
  const std::string log_target_;
  const std::string records_target_;
  const std::string key_prefix_;
  std::uint64_t requests_ = 0;
  std::string target_;  // of the last request
  std::string_view content_type_;
  std::string_view body_;
  std::optional<std::uint64_t> expected_;  // the log's end, where that is a condition
  std::uint64_t records_ = 0;
  bool is_unknown_ = false;
  bool asks_window_again_ = false;  // for there was no log yet
};

}  // namespace daybook::client
