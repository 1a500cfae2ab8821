#include "api/page_finder.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/read_steps.h"
#include "api/start_finder.h"

namespace daybook::api {
namespace {

// Of the records that are looked at, at one time.
constexpr std::uint64_t kStepRecordsMax = 4096;
constexpr std::uint64_t kStepBytesMax = 1 << 20;

// Records of which it has copies.
class Copies {
 public:
  void Add(const log::RecordView& record) {
    const std::uint64_t bytes = log::PayloadBytes(record);
    std::string& held = held_->emplace_back();
    held.reserve(bytes + record.headers.size() * log::HeadersView::kLengthsBytes);
    const auto copy = [&](std::string_view text) {
      const std::size_t position = held.size();
      held.append(text);
      return std::string_view(held).substr(position);
    };
    log::RecordView& copied = page_.records.emplace_back();
    copied.offset = record.offset;
    copied.timestamp = record.timestamp;
    if (record.key) copied.key = copy(*record.key);
    copied.headers = log::HeadersView(copy(record.headers.bytes()), record.headers.size());
    copied.value = copy(record.value);
    page_.bytes += bytes;
  }

  const log::Page& page() const { return page_; }
  log::Page Take(Offset first_offset, Offset end) && {
    page_.first_offset = first_offset;
    page_.end = end;
    page_.backing = std::move(held_);
    return std::move(page_);
  }

 private:
  log::Page page_;
  std::shared_ptr<std::deque<std::string>> held_ = std::make_shared<std::deque<std::string>>();
};

// Looks from where it is told on.
class Finder {
 public:
  Finder(ReadQuery query, const log::LogId& log, Offset from, FindPageDone done)
      : query_(std::move(query)), log_(log), from_(from), next_(from), done_(std::move(done)) {}

  ReadStep Step() const {
    if (!query_.key) return {next_, query_.limits};
    return {next_,
            {std::min(kStepRecordsMax, kLookedRecordsMax - looked_records_),
             std::min(kStepBytesMax, kLookedBytesMax - looked_bytes_)}};
  }

  std::optional<ReadStep> On(Result<log::Page> page) {
    if (!page.ok()) return OnNone(page.status());
    first_offset_ = page->first_offset;
    end_ = page->end;
    if (query_.key) return OnLookedAt(*page);
    next_ = from_ + page->records.size();
    done_(FoundPage{log_, from_, next_, std::move(*page)});
    return std::nullopt;
  }

 private:
  std::optional<ReadStep> OnNone(const Status& status) {
    // What is found is given first; who asks again is told.
    if (next_ != from_) return Finish();
    const bool first_is_gone = status.code() == StatusCode::kTrimmed && status.offset() &&
                               query_.start != ReadQuery::Start::kOffset;
    if (!first_is_gone) {
      done_(status);
      return std::nullopt;
    }
    from_ = next_ = *status.offset();
    return Step();
  }

  std::optional<ReadStep> OnLookedAt(const log::Page& page) {
    for (const log::RecordView& record : page.records) {
      if (record.key == *query_.key) {
        if (!Fits(record)) return Finish();
        copies_.Add(record);
      }
      next_ = record.offset + 1;
    }
    looked_records_ += page.records.size();
    looked_bytes_ += page.bytes;
    const bool done = page.records.empty() || next_ == page.end ||
                      copies_.page().records.size() == query_.limits.records_max ||
                      looked_records_ >= kLookedRecordsMax || looked_bytes_ >= kLookedBytesMax;
    return done ? Finish() : Step();
  }

  bool Fits(const log::RecordView& record) const {
    const log::Page& page = copies_.page();
    return page.records.empty() ||
           (page.records.size() < query_.limits.records_max &&
            page.bytes + log::PayloadBytes(record) <= query_.limits.bytes_max);
  }

  std::optional<ReadStep> Finish() {
    done_(FoundPage{log_, from_, next_, std::move(copies_).Take(first_offset_, end_)});
    return std::nullopt;
  }

  const ReadQuery query_;
  const log::LogId log_;
  Offset from_;
  Offset next_;          // up to here it has looked
  Offset first_offset_;  // of the log
  Offset end_;           // of the log
  std::uint64_t looked_records_ = 0;
  std::uint64_t looked_bytes_ = 0;
  Copies copies_;
  FindPageDone done_;
};

void FindFrom(std::shared_ptr<log::Log> log, ReadQuery query, Offset from, FindPageDone done) {
  // The log may have grown since its end was asked for.
  if (query.start == ReadQuery::Start::kLast)
    query.limits.records_max = std::min(query.limits.records_max, query.records);
  Finder finder(std::move(query), log->id(), from, std::move(done));
  const ReadStep first = finder.Step();
  ReadInSteps(std::move(log), first, [finder = std::move(finder)](Result<log::Page> page) mutable {
    return finder.On(std::move(page));
  });
}

}  // namespace

void FindPage(std::shared_ptr<log::Log> log, ReadQuery query, FindPageDone done) {
  if (query.start == ReadQuery::Start::kOffset || query.start == ReadQuery::Start::kFoundNone) {
    const Offset from = query.offset;
    return FindFrom(std::move(log), std::move(query), from, std::move(done));
  }
  FindStart(log, query, [log, query, done = std::move(done)](const Result<Start>& start) mutable {
    if (!start.ok()) return done(start.status());
    FindFrom(std::move(log), std::move(query), start->from, std::move(done));
  });
}

}  // namespace daybook::api
