// How records come from a server, and how they are written: as JSON, a line each, just as it comes;
// or from frames of bytes (api/record_frames.h), as text or as they are. One thread uses it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "client/output.h"
#include "config/client_options.h"

namespace daybook::client {

class PageFormat {
 public:
  // A server takes values of 1 GiB at most, which are less in base64, too.
  static constexpr std::size_t kRecordBytesMax = std::size_t{2} << 30;

  // `output` must outlive it. A record that would be larger as it comes is none.
  static std::unique_ptr<PageFormat> Make(config::OutputForm form, Output& output,
                                          std::size_t record_bytes_max = kRecordBytesMax);
  virtual ~PageFormat() = default;

  // What a request asks for.
  virtual const char* media_type() const = 0;

  // Takes what of a body has come next, and writes each record once it is whole. kIo is the
  // output.s; kInternal: what came is no such body.
  Status Put(std::string_view bytes);
  // A body has ended, or was cut off: what is not whole is forgotten.
  void End() {
    waiting_.clear();
    searched_ = 0;
  }
  // Nothing of a record waits for the rest.
  bool is_between() const { return waiting_.empty(); }

  std::uint64_t records() const { return records_; }                         // that were written
  std::optional<std::uint64_t> next_offset() const { return next_offset_; }  // behind the last

 protected:
  PageFormat(Output& output, std::size_t record_bytes_max)
      : output_(output), record_bytes_max_(record_bytes_max) {}
  // Writes the record at the front of `bytes` and returns its size there; 0: it is not whole.
  virtual Result<std::size_t> Take(std::string_view bytes) = 0;
  void Written(std::uint64_t offset) {
    ++records_;
    next_offset_ = offset + 1;
  }

  Output& output_;
  const std::size_t record_bytes_max_;
  std::size_t searched_ = 0;  // of the record at the front, for its end

 private:
  std::string waiting_;
  std::uint64_t records_ = 0;
  std::optional<std::uint64_t> next_offset_;
};

}  // namespace daybook::client
