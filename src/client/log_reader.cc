#include "client/log_reader.h"

#include <utility>

#include "base/units.h"
#include "http/target.h"

namespace daybook::client {
namespace {

using std::chrono::milliseconds;

// The server gives less, where it is set to.
constexpr std::uint64_t kPageRecordsMax = 100'000;
constexpr std::string_view kPageBytesMax = "16Mi";

}  // namespace

LogReader::LogReader(Session& session, PageFormat& format, const config::ReadOptions& options)
    : session_(session), format_(format), options_(options), start_(options.start) {
  if (start_.name == "offset") next_offset_ = ParseNumber(start_.value);
}

void LogReader::MoveTo(std::uint64_t offset) {
  next_offset_ = offset;
  start_ = {"offset", std::to_string(offset)};
}

std::string LogReader::Target(std::uint64_t records_max, milliseconds wait) const {
  std::string target = "/v1/logs/" + http::PercentEncoded(options_.log) +
                       "/records?limit=" + std::to_string(std::min(records_max, kPageRecordsMax)) +
                       "&max_bytes=";
  target.append(kPageBytesMax).append("&encoding=").append(options_.encoding);
  if (!start_.name.empty())
    target.append("&").append(start_.name).append("=").append(http::PercentEncoded(start_.value));
  if (wait.count() > 0) target.append("&wait=").append(std::to_string(wait.count())).append("ms");
  if (options_.key) target.append("&key=").append(http::PercentEncoded(*options_.key));
  if (!log_id_.empty()) target.append("&log_id=").append(log_id_);
  return target;
}

Status LogReader::ReadBody() {
  for (;;) {
    const Result<std::string> part = session_.ReadBody();
    if (!part.ok()) return part.status();
    if (part->empty()) return {};
    if (Status status = format_.Put(*part); !status.ok()) return status;
  }
}

bool LogReader::IsWhole(const http::ResponseHead& head, std::uint64_t next_offset,
                        std::uint64_t records_before) const {
  if (!format_.is_between()) return false;
  // Of all records one is right behind the other.
  const std::optional<std::uint64_t> reached =
      format_.records() > records_before ? format_.next_offset() : next_offset_;
  if (!options_.key && reached) return *reached == next_offset;
  // What ends with the connection may have been cut off between two records.
  return !head.Field("Content-Length").empty() || !head.Field("Transfer-Encoding").empty();
}

Result<LogReader::Page> LogReader::Next(std::uint64_t records_max, milliseconds wait) {
  for (;;) {
    const std::string target = Target(records_max, wait);
    const http::ClientRequest request{"GET", target, {}, {{"Accept", format_.media_type()}}};
    Result<Session::Opened> opened = session_.OpenBody(request, wait);
    if (!opened.ok()) return opened.status();
    if (opened->code != 200) return Page{false, Answer{opened->code, std::move(opened->body)}};
    const std::optional<std::uint64_t> next_offset = ParseNumber(opened->head.Field("Next-Offset"));
    if (!next_offset) return NotADaybook();
    log_id_ = opened->head.Field("Log-Id");
    const std::uint64_t before = format_.records();
    const Status status = ReadBody();
    const bool is_whole = status.ok() && IsWhole(opened->head, *next_offset, before);
    format_.End();
    if (is_whole) {
      session_.Progressed();
      MoveTo(*next_offset);
      return Page{!opened->head.Field("End-Offset").empty(), {}};
    }
    if (!status.ok() && status.code() != StatusCode::kUnavailable) return status;
    // What was cut off is read again, but for what is written.
    if (format_.records() > before) {
      session_.Progressed();
      MoveTo(*format_.next_offset());
      return Page{};
    }
    const Status cut(StatusCode::kUnavailable,
                     status.ok() ? "an answer was cut off" : status.message());
    if (Status paused = session_.PauseAfter(cut); !paused.ok()) return paused;
  }
}

}  // namespace daybook::client
