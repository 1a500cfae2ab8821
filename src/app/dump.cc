#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include "api/record_json.h"
#include "app/tool_output.h"
#include "app/tools.h"
#include "base/posix_error.h"
#include "disk/record_dump.h"

namespace daybook::app {
namespace {

using disk::MissingRecords;

constexpr std::size_t kBufferBytes = 256 << 10;

// Records as lines on standard output.
class Lines : public disk::DumpTarget {
 public:
  Lines(api::ValueEncoding encoding, bool skip_damaged)
      : encoding_(encoding), skip_damaged_(skip_damaged) {}

  Status OnRecord(const log::RecordView& record) override {
    api::AppendRecordJson(lines_, record, encoding_);
    lines_.push_back('\n');
    return lines_.size() < kBufferBytes ? Status() : Flush();
  }

  Status OnMissing(const MissingRecords& missing) override {
    const bool unreadable =
        missing.why.code() != StatusCode::kLost && missing.why.code() != StatusCode::kTrimmed;
    if (unreadable && !skip_damaged_) return missing.why;
    std::fprintf(stderr, "daybook: dump: %s: %s\n", Which(missing).c_str(),
                 missing.why.message().c_str());
    return {};
  }

  Status Flush() {
    const bool written = std::fwrite(lines_.data(), 1, lines_.size(), stdout) == lines_.size() &&
                         std::fflush(stdout) == 0;
    lines_.clear();
    return written ? Status() : PosixError("cannot write to standard output", errno);
  }

 private:
  static std::string Which(const MissingRecords& missing) {
    const std::string first = std::to_string(missing.first_offset.value);
    if (missing.first_offset == missing.next_offset)
      return "at offset " + first + ", where none may be missing";
    const std::string last = std::to_string(missing.next_offset.value - 1);
    return first == last ? "offset " + first + " is missing"
                         : "offsets " + first + " to " + last + " are missing";
  }

  const api::ValueEncoding encoding_;
  const bool skip_damaged_;
  std::string lines_;
};

}  // namespace

int Dump(const config::DumpOptions& options) {
  Lines lines(*api::ParseValueEncoding(options.encoding), options.skip_damaged);
  disk::DumpRange range;
  if (options.from) range.from = Offset(*options.from);
  if (options.limit) range.records_max = *options.limit;
  Status status =
      disk::DumpRecords(FileSystem::Posix(), options.data_dir, options.log, range, lines);
  // What was read before an error is good.
  if (Status flushed = lines.Flush(); status.ok()) status = std::move(flushed);
  const int exit_code = ExitCodeOf("dump", status);
  if (status.code() == StatusCode::kDamaged && !options.skip_damaged)
    std::fputs("With --skip-damaged a dump goes on behind it.\n", stderr);
  return exit_code;
}

}  // namespace daybook::app
