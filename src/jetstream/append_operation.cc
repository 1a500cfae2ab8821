#include "jetstream/append_operation.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "jetstream/text_escape.h"
#include "log/refusals.h"

namespace daybook::jetstream {
namespace {

using log::Appended;
using std::chrono::milliseconds;

// How long it is tried for.
constexpr milliseconds kAppendTime{10'000};
constexpr milliseconds kRetryDelayFirst{10};
constexpr milliseconds kRetryDelayMax{500};
// Between the time that passes here and at the servers.
constexpr milliseconds kWindowMargin{1'000};
// What NATS counts of a message beside what Outgoing::bytes() does, with the headers of a batch.
constexpr std::uint64_t kBytesBeside = 256;
// No stream has so many messages.
constexpr std::uint64_t kNoSequence = 1ULL << 62;

// The number at the end of "wrong last sequence: 17".
std::optional<std::uint64_t> NumberAtEnd(const std::string& text) {
  const std::size_t digits = text.find_last_not_of("0123456789") + 1;
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data() + digits, text.data() + text.size(), number);
  return parsed.ec == std::errc() ? std::optional(number) : std::nullopt;
}

}  // namespace

void AppendOperation::Start(std::shared_ptr<JetStreamLog> log, log::Batch batch,
                            log::AppendOptions options, log::AppendDone done) {
  std::make_shared<AppendOperation>(std::move(log), std::move(batch), std::move(options),
                                    std::move(done))
      ->Begin();
}

AppendOperation::AppendOperation(std::shared_ptr<JetStreamLog> log, log::Batch batch,
                                 log::AppendOptions options, log::AppendDone done)
    : log_(std::move(log)),
      parts_(log_->parts()),
      batch_(std::move(batch)),
      options_(std::move(options)),
      done_(std::move(done)),
      under_way_(parts_.operations.Begin()),
      records_(batch_.size()),
      retry_delay_(kRetryDelayFirst) {
  for (const log::NewRecord& record : batch_) payload_bytes_ += log::PayloadBytes(record);
  if (is_keyed()) keyed_ = {log::DigestOf(batch_), records_};
}

void AppendOperation::Begin() {
  // What did not promise enough may do so now.
  const bool is_fit = log_->is_checked() && log_->Fit().ok();
  if (is_fit || !Reachable().ok()) return Enter();
  log_->AskExtent([self = shared_from_this()](const Result<JetStreamLog::Extent>& extent) {
    if (extent.ok()) return self->Enter();
    const bool for_now = extent.status().code() == StatusCode::kUnavailable;
    for_now ? self->RetryOr(extent.status()) : self->Finish(extent.status());
  });
}

Status AppendOperation::Reachable() const {
  if (Status present = log_->Present(); !present.ok()) return present;
  if (parts_.closed) return log::Stopping();
  if (Status serving = parts_.serving(); !serving.ok()) return serving;
  if (parts_.connection.connected()) return {};
  return {StatusCode::kUnavailable,
          "there is no connection to NATS: " + parts_.connection.last_error()};
}

Status AppendOperation::Check() const {
  if (Status reachable = Reachable(); !reachable.ok()) return reachable;
  if (Status fit = log_->Fit(); !fit.ok()) return fit;
  if (records_ > kBatchRecordsMax) {
    return {StatusCode::kTooLarge, "the batch has " + std::to_string(records_) +
                                       " records; NATS appends at most " +
                                       std::to_string(kBatchRecordsMax) + " at once"};
  }
  const std::uint64_t bytes_max = parts_.connection.payload_bytes_max();
  for (std::size_t i = 0; i < records_; ++i) {
    if (log::PayloadBytes(batch_[i]) + kHeaderBytesMax <= bytes_max) continue;
    if (const std::uint64_t value_bytes = batch_[i].value.size();
        value_bytes + kHeaderBytesMax > bytes_max) {
      return {StatusCode::kTooLarge, "the value of record " + std::to_string(i) + " has " +
                                         std::to_string(value_bytes) + " bytes; NATS takes " +
                                         std::to_string(bytes_max) + ", of which " +
                                         std::to_string(kHeaderBytesMax) + " are for headers"};
    }
    Outgoing message = MessageOf(batch_[i]);
    if (i == 0) AddConditions(message);
    if (message.bytes() + kBytesBeside <= bytes_max) continue;
    return {StatusCode::kTooLarge, "record " + std::to_string(i) + " has " +
                                       std::to_string(log::PayloadBytes(batch_[i])) +
                                       " bytes; NATS takes messages of at most " +
                                       std::to_string(bytes_max) + " with their headers"};
  }
  return {};
}

void AppendOperation::Enter() {
  if (Status checked = Check(); !checked.ok()) return Refuse(checked);
  const auto publish = [self = shared_from_this()] {
    self->entered_ = true;
    self->Publish();
  };
  const auto enter = [self = shared_from_this(), publish] {
    if (self->parts_.window.Enter(self->records_, self->payload_bytes_, publish)) return;
    if (self->is_batch()) self->log_->batches().Leave(1, 0);
    self->RefuseFull();
  };
  if (!is_batch()) return enter();
  if (!log_->batches().Enter(1, 0, enter)) RefuseFull();
}

void AppendOperation::RefuseFull() {
  Refuse(Status(StatusCode::kUnavailable, "too many appends wait for NATS"));
}

void AppendOperation::Leave() {
  if (!std::exchange(entered_, false)) return;
  parts_.window.Leave(records_, payload_bytes_);
  if (is_batch()) log_->batches().Leave(1, 0);
}

void AppendOperation::Publish() {
  published_ = Clock::now();
  parts_.connection.Ask(
      Messages(), parts_.options.timeout,
      [self = shared_from_this()](Result<Incoming> answer) {
        self->OnAnswer(std::move(answer));
        return true;
      },
      log_.get());
}

std::vector<Outgoing> AppendOperation::Messages() const {
  std::vector<Outgoing> messages;
  messages.reserve(records_);
  for (const log::NewRecord& record : batch_) messages.push_back(MessageOf(record));
  AddConditions(messages.front());
  if (!is_batch()) return messages;
  const std::string id = log::LogId::Random().ToString();
  for (std::size_t i = 0; i < records_; ++i) {
    messages[i].headers.emplace_back(kBatchIdHeader, id);
    messages[i].headers.emplace_back(kBatchSequenceHeader, std::to_string(i + 1));
  }
  messages.back().headers.emplace_back(kBatchCommitHeader, "1");
  return messages;
}

Outgoing AppendOperation::MessageOf(const log::NewRecord& record) const {
  Outgoing message;
  message.subject = log_->subject();
  PutRecord(record, message);
  return message;
}

void AppendOperation::AddConditions(Outgoing& message) const {
  if (is_keyed()) {
    message.headers.emplace_back("Nats-Msg-Id", EscapeText(options_.idempotency_key, ".:/"));
    message.headers.emplace_back(kDigestHeader, keyed_.ToText());
  }
  // cnats would leave it out where it is 0.
  if (options_.expected_next_offset) {
    message.headers.emplace_back(
        "Nats-Expected-Last-Sequence",
        std::to_string(std::min(options_.expected_next_offset->value, kNoSequence)));
  }
}

void AppendOperation::OnAnswer(Result<Incoming> answer) {
  parts_.counters.ObservePublish(Clock::now() - published_);
  if (!answer.ok()) {
    const bool unknown = answer.status().code() == StatusCode::kUnknownOutcome;
    parts_.counters.CountError(unknown ? "no_answer" : "not_connected");
    may_be_stored_ = may_be_stored_ || unknown;
    if (Status present = log_->Present(); !present.ok()) return Finish(present);
    return may_be_stored_ ? RetryOr(answer.status()) : Finish(answer.status());
  }
  if (answer->no_responders()) {
    parts_.counters.CountError("no_leader");
    return AskWhetherDeleted(
        Status(StatusCode::kUnavailable, "the stream of '" + log_->name() + "' has no leader"));
  }
  const Result<PublishAnswer> published = ParsePublishAnswer(answer->data());
  if (published.ok() && published->error) return OnError(*published->error);
  if (published.ok() && published->duplicate) return OnDuplicate(published->sequence);
  // A server that knows no batches would acknowledge the last message alone.
  if (!published.ok() || published->stream != log_->stream() || published->sequence < records_ ||
      (is_batch() && published->count != records_)) {
    return Finish(Status(StatusCode::kUnknownOutcome,
                         "NATS acknowledged something else: " + std::string(answer->data())));
  }
  OnStored(published->sequence);
}

// Those that are named here are answered before anything is stored.
void AppendOperation::OnError(const ApiError& error) {
  const Status status = StatusOf(error);
  switch (error.code) {
    case kWrongLastSequence:
    case kWrongLastSequenceConstant:
      // One server alone looks at the condition first.
      if (is_keyed() && log_->has_one_replica()) return FindDuplicate(error);
      return FinishConditionFailed(error.description);
    case kBatchHasDuplicate:
      return FindDuplicate(error);
    case kMessageTooLarge:
    case kHeaderTooLarge:
    case kBatchTooLarge:
      return Refuse(Status(StatusCode::kTooLarge, status.message()));
    case kResourcesExceeded:
    case kInsufficientResources:
    case kMemoryExceeded:
    case kStorageExceeded:
      parts_.counters.CountError("no_space");
      return Refuse(status);
    case kTooManyBatches:
    case kTooManyRequests:
    case kBatchIncomplete:
      parts_.counters.CountError("too_many");
      return RetryOr(status);
    default:
      // kDuplicateInProcess among them: another append with the key is under way.
      parts_.counters.CountError("refused");
      may_be_stored_ = true;
      return RetryOr(status);
  }
}

void AppendOperation::OnStored(std::uint64_t last_sequence) {
  log_->NoteEnd(Offset(last_sequence));
  Leave();
  AskTime(last_sequence - records_ + 1);
}

void AppendOperation::AskTime(std::uint64_t first_sequence) {
  log_->AskStored(
      first_sequence, [self = shared_from_this(), first_sequence](const Result<Stored>& stored) {
        const bool ask_again = stored.status().code() == StatusCode::kUnavailable &&
                               Clock::now() < self->began_ + kAppendTime && !self->parts_.closed;
        if (ask_again) return self->AskTime(first_sequence);
        // It is in the log, whatever can be told of it.
        self->Succeed(stored.ok() ? stored->time : daybook::Clock::System().Now(), first_sequence);
      });
}

// The id is looked at before a condition that cannot hold: where the id is unknown by now nothing
// is stored. One server alone looks at the last sequence first, and at the last id afterwards; of
// several, each would have to agree on a message with that.
void AppendOperation::FindDuplicate(const ApiError& error) {
  Outgoing message;
  message.subject = log_->subject();
  message.headers.emplace_back("Nats-Msg-Id", EscapeText(options_.idempotency_key, ".:/"));
  if (log_->has_one_replica()) {
    message.headers.emplace_back("Nats-Expected-Last-Msg-Id", log::LogId::Random().ToString());
  } else {
    message.headers.emplace_back("Nats-Expected-Last-Sequence", std::to_string(kNoSequence));
  }
  parts_.connection.Ask(
      std::move(message), parts_.options.timeout,
      [self = shared_from_this(), error](const Result<Incoming>& answer) {
        const Result<PublishAnswer> published =
            answer.ok() ? ParsePublishAnswer(answer->data()) : answer.status();
        if (published.ok() && published->duplicate) {
          self->OnDuplicate(published->sequence);
        } else if (published.ok() && published->error && error.code != kBatchHasDuplicate) {
          self->FinishConditionFailed(error.description);
        } else {
          self->RetryOr(StatusOf(error));
        }
        return true;
      });
}

void AppendOperation::OnDuplicate(std::uint64_t sequence) {
  may_be_stored_ = true;
  if (sequence == 0) {
    return RetryOr(
        Status(StatusCode::kUnknownOutcome, "an append with that idempotency key is under way"));
  }
  parts_.api.Get(
      log_->stream(), sequence,
      [self = shared_from_this(), sequence](const Result<StoredMessage>& first) {
        if (first.ok()) return self->CompareWith(*first);
        if (first.status().code() == StatusCode::kUnavailable) return self->RetryOr(first.status());
        // Whether it was for these records nobody knows any more.
        self->Finish(Status(StatusCode::kUnknownOutcome,
                            "the idempotency key was used for records from the offset " +
                                std::to_string(sequence - 1) + " on, which are gone by now"));
      });
}

void AppendOperation::CompareWith(const StoredMessage& first) {
  const Offset offset(first.sequence - 1);
  const auto keyed = KeyedBatch::Parse(first.Header(kDigestHeader).value_or(""));
  if (!keyed || keyed->digest != keyed_.digest) {
    return Finish(Status(StatusCode::kKeyReused,
                         "the idempotency key was used for other records, which have the offsets "
                         "from " +
                             std::to_string(offset.value) + " on"));
  }
  log_->NoteEnd(offset + keyed->records);
  Finish(Appended{offset, offset + keyed->records, first.time, true});
}

void AppendOperation::AskWhetherDeleted(const Status& otherwise) {
  log_->AskExtent(
      [self = shared_from_this(), otherwise](const Result<JetStreamLog::Extent>& extent) {
        if (extent.status().code() == StatusCode::kLogDeleted) return self->Finish(extent.status());
        self->RetryOr(otherwise);
      });
}

void AppendOperation::Refuse(const Status& status) {
  if (may_be_stored_) return RetryOr(status);
  Finish(status);
}

void AppendOperation::RetryOr(const Status& otherwise) {
  Leave();
  const Clock::time_point next = Clock::now() + retry_delay_;
  // Where it may be stored only the key keeps it from being stored twice.
  const bool is_safe =
      !may_be_stored_ || (is_keyed() && next + kWindowMargin < began_ + log_->idempotency_window());
  if (next > began_ + kAppendTime || !is_safe || parts_.closed) {
    return Finish(may_be_stored_ ? Status(StatusCode::kUnknownOutcome, otherwise.message())
                                 : otherwise);
  }
  parts_.counters.CountRetry();
  parts_.timers.RunAfter(retry_delay_, [self = shared_from_this()] { self->Begin(); });
  retry_delay_ = std::min(2 * retry_delay_, kRetryDelayMax);
}

// The leader compares with an end that counts what is under way, which is in no read yet and may
// come to nothing: where the log still ends as expected, it is tried again.
void AppendOperation::FinishConditionFailed(const std::string& description) {
  const Offset expected = options_.expected_next_offset.value_or(Offset());
  const auto told = NumberAtEnd(description);
  if (told && (log_->end() > expected || Offset(*told) < expected))
    return Finish(log::NotTheEnd(expected, Offset(*told)));
  log_->AskExtent(
      [self = shared_from_this(), expected](const Result<JetStreamLog::Extent>& extent) {
        if (!extent.ok()) return self->Refuse(extent.status());
        const Status failed = log::NotTheEnd(expected, extent->end);
        extent->end == expected ? self->RetryOr(failed) : self->Finish(failed);
      });
}

void AppendOperation::Succeed(Timestamp time, std::uint64_t first_sequence) {
  parts_.counters.CountAppend(records_, payload_bytes_);
  const Offset first(first_sequence - 1);
  Finish(Appended{first, first + records_, time});
}

void AppendOperation::Finish(Result<Appended> result) {
  Leave();
  log::AppendDone done = std::move(done_);
  done(std::move(result));
}

}  // namespace daybook::jetstream
