#include "jetstream/read_operation.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "base/logging.h"
#include "jetstream/record_message.h"

namespace daybook::jetstream {
namespace {

constexpr std::chrono::milliseconds kRetryDelay{10};
// NATS counts more of a message than a page does of a record: its subject and headers.
constexpr std::uint64_t kBytesBesideRecord = 128;
constexpr std::uint64_t kPageBytesMax = 64 << 20;
constexpr std::uint64_t kRecordsMax = 10'000;  // of one page, whatever was asked for

}  // namespace

struct ReadOperation::Content {
  std::vector<Incoming> messages;
  std::deque<std::string> texts;
};

void ReadOperation::Start(std::shared_ptr<JetStreamLog> log, Offset from,
                          const log::ReadLimits& limits, log::ReadDone done) {
  std::make_shared<ReadOperation>(std::move(log), from, limits, std::move(done))->Enter();
}

ReadOperation::ReadOperation(std::shared_ptr<JetStreamLog> log, Offset from,
                             const log::ReadLimits& limits, log::ReadDone done)
    : log_(std::move(log)),
      parts_(log_->parts()),
      from_(from),
      limits_(limits),
      done_(std::move(done)),
      under_way_(parts_.operations.Begin()),
      deadline_(Clock::now() + kAskTimeout) {}

void ReadOperation::Enter() {
  const bool entered = parts_.reads.Enter(1, std::min(limits_.bytes_max, kPageBytesMax),
                                          [self = shared_from_this()] { self->Begin(); });
  if (entered) return;
  log::ReadDone done = std::move(done_);
  done(Status(StatusCode::kUnavailable, "too many reads wait for NATS"));
}

void ReadOperation::Begin() {
  if (Status present = log_->Present(); !present.ok()) return Finish(present);
  if (from_ < log_->first_offset()) return Finish(log::Trimmed(from_, log_->first_offset()));
  if (from_ < log_->end()) return Fetch();
  AskExtent();
}

void ReadOperation::Fetch() {
  const std::uint64_t records = std::clamp<std::uint64_t>(limits_.records_max, 1, kRecordsMax);
  std::string members;
  AppendJsonMember(members, "seq", from_.value + 1);
  AppendJsonMember(members, "batch", records);
  AppendJsonMember(members, "max_bytes",
                   std::min(limits_.bytes_max, kPageBytesMax) + records * kBytesBesideRecord);
  parts_.api.Direct(
      log_->stream(), "{" + members.substr(1) + "}",
      [self = shared_from_this()](Result<DirectBatch> batch) { self->OnBatch(std::move(batch)); });
}

void ReadOperation::OnBatch(Result<DirectBatch> batch) {
  fetched_ = true;
  // Nobody answers for a stream that was deleted, either.
  if (!batch.ok()) return AskExtent();
  if (Status filled = Fill(*std::move(batch)); !filled.ok()) return Finish(filled);
  if (page_.records.empty()) {
    // It is not there yet, or not any more.
    return AskExtent();
  }
  const Offset next = from_ + page_.records.size();
  if (next >= log_->end()) return AskExtent();
  page_.first_offset = log_->first_offset();
  page_.end = log_->end();
  Finish(std::move(page_));
}

Status ReadOperation::Fill(DirectBatch batch) {
  const auto content = std::make_shared<Content>();
  content->messages = std::move(batch.messages);
  page_ = log::Page();
  page_.records.reserve(content->messages.size());
  has_gap_ = false;
  for (const Incoming& message : content->messages) {
    Result<log::RecordView> record = RecordOf(message, content->texts);
    if (!record.ok()) return record.status();
    if (record->offset != from_ + page_.records.size()) {
      has_gap_ = page_.records.empty();
      break;
    }
    const std::uint64_t bytes = log::PayloadBytes(*record);
    const bool is_full =
        page_.records.size() >= limits_.records_max || page_.bytes + bytes > limits_.bytes_max;
    if (is_full && !page_.records.empty()) break;
    page_.bytes += bytes;
    page_.records.push_back(*record);
  }
  page_.backing = content;
  return {};
}

void ReadOperation::AskExtent() {
  log_->AskExtent([self = shared_from_this()](const Result<JetStreamLog::Extent>& extent) {
    if (extent.ok()) return self->OnExtent(*extent);
    const StatusCode code = extent.status().code();
    if (code == StatusCode::kLogDeleted || code == StatusCode::kMissing)
      return self->Finish(extent.status());
    self->RetryOr(extent.status());
  });
}

void ReadOperation::OnExtent(const JetStreamLog::Extent& extent) {
  if (from_ > extent.end) return Finish(log::BeyondEnd(from_, extent.end));
  if (from_ < extent.first_offset) return Finish(log::Trimmed(from_, extent.first_offset));
  if (page_.records.empty() && from_ < extent.end) {
    if (!fetched_) return Fetch();
    if (!has_gap_) {
      return RetryOr(Status(StatusCode::kUnavailable,
                            "the replicas of '" + log_->name() + "' give no such record yet"));
    }
    return leader_has_none_ ? FinishMissing() : OnGap();
  }
  page_.first_offset = extent.first_offset;
  page_.end = std::max(extent.end, from_ + page_.records.size());
  Finish(std::move(page_));
}

// A replica may let records go before the leader does, which then says so.
void ReadOperation::OnGap() {
  parts_.api.Get(
      log_->stream(), from_.value + 1,
      [self = shared_from_this()](const Result<StoredMessage>& message) {
        self->leader_has_none_ = message.status().code() == StatusCode::kNotFound;
        if (self->leader_has_none_) return self->AskExtent();
        self->RetryOr(Status(StatusCode::kUnavailable, "a replica gives no such record"));
      });
}

void ReadOperation::FinishMissing() {
  parts_.counters.CountMissing();
  const Status missing(StatusCode::kMissing,
                       "the record " + std::to_string(from_.value) + " of '" + log_->name() +
                           "' is missing in the stream " + log_->stream() +
                           ", which has others before and behind it: data was lost there");
  logging::Error("a record is missing", {{"detail", missing.message()}});
  Finish(missing);
}

void ReadOperation::RetryOr(const Status& otherwise) {
  if (Clock::now() + kRetryDelay > deadline_ || parts_.closed)
    return Finish(Status(StatusCode::kUnavailable, otherwise.message()));
  page_ = log::Page();
  fetched_ = false;
  parts_.timers.RunAfter(kRetryDelay, [self = shared_from_this()] { self->Begin(); });
}

void ReadOperation::Finish(Result<log::Page> page) {
  if (page.ok()) parts_.counters.CountRead(page->records.size(), page->bytes);
  log::ReadDone done = std::move(done_);
  done(std::move(page));
  parts_.reads.Leave(1, std::min(limits_.bytes_max, kPageBytesMax));
}

}  // namespace daybook::jetstream
