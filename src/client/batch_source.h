// BatchSource fills batches with what `daybook append` is given: values of the command line, or
// lines of standard input as they come. One thread uses it.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "base/waiter.h"
#include "client/append_batch.h"
#include "client/input_lines.h"
#include "config/client_options.h"

namespace daybook::client {

class BatchSource {
 public:
  // What is given must outlive this; waits for standard input are the `waiter`'s.
  BatchSource(const config::AppendOptions& options, const BatchLimits& limits,
              const Waiter& waiter);

  // Adds what has come, as far as there is room; waits for the first record, if it is to, where
  // there is none. An error is of the record behind those that were added, and ends the source.
  void Fill(AppendBatch& batch, bool waits);
  // Nothing more comes: all was given, there was an error, or the waiter was interrupted.
  bool has_ended() const { return has_ended_; }
  const Status& error() const { return error_; }

  // "line 7" or "value 7"
  std::string Named(std::uint64_t number) const;
  // "lines 7 to 9"
  std::string Named(std::uint64_t first, std::uint64_t last) const;

 private:
  // Takes the next value into line_; false: there is none now.
  bool Take(bool waits);
  bool TakeLine(bool waits);
  void End(Status error);

  const config::AppendOptions& options_;
  const BatchLimits limits_;
  InputLines input_;
  std::string line_;          // of NDJSON, that has not been added
  std::uint64_t number_ = 0;  // where that is from
  bool has_ended_ = false;
  Status error_;
};

}  // namespace daybook::client
