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
// No stream has so many messages.
constexpr std::uint64_t kNoSequence = 1ULL << 62;

// The number at the end of "wrong last sequence: 17".
std::optional<std::uint64_t> NumberAtEnd(const std::string& text) {
  const std::size_t digits = text.find_last_not_of("0123456789") + 1;
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data() + digits, text.data() + text.size(), number);
  return parsed.ec == std::errc() ? std::optional(number) : std::nullopt;
}

Status Refused(StatusCode code, const ApiError& error) { return {code, StatusOf(error).message()}; }

}  // namespace

void AppendOperation::Start(std::shared_ptr<JetStreamLog> log, log::Batch batch,
                            log::AppendOptions options, log::AppendDone done) {
  std::make_shared<AppendOperation>(std::move(log), std::move(batch), std::move(options),
                                    std::move(done))
      ->Enter();
}

AppendOperation::AppendOperation(std::shared_ptr<JetStreamLog> log, log::Batch batch,
                                 log::AppendOptions options, log::AppendDone done)
    : log_(std::move(log)),
      parts_(log_->parts()),
      batch_(std::move(batch)),
      options_(std::move(options)),
      done_(std::move(done)),
      records_(batch_.size()),
      retry_delay_(kRetryDelayFirst) {
  for (const log::NewRecord& record : batch_) payload_bytes_ += log::PayloadBytes(record);
  if (is_keyed()) keyed_ = {log::DigestOf(batch_), records_};
}

Status AppendOperation::Check() const {
  if (Status present = log_->Present(); !present.ok()) return present;
  if (parts_.closed) return log::Stopping();
  if (Status serving = parts_.serving(); !serving.ok()) return serving;
  if (records_ > kBatchRecordsMax) {
    return {StatusCode::kTooLarge, "the batch has " + std::to_string(records_) +
                                       " records; NATS appends at most " +
                                       std::to_string(kBatchRecordsMax) + " at once"};
  }
  const std::uint64_t bytes_max = parts_.connection.payload_bytes_max();
  for (std::size_t i = 0; i < records_; ++i) {
    if (log::PayloadBytes(batch_[i]) + kHeaderBytesMax <= bytes_max) continue;
    Outgoing message = MessageOf(batch_[i]);
    if (i == 0) AddConditions(message);
    if (message.bytes() + kHeaderBytesMax / 8 <= bytes_max) continue;
    return {StatusCode::kTooLarge, "record " + std::to_string(i) + " has " +
                                       std::to_string(log::PayloadBytes(batch_[i])) +
                                       " bytes; NATS takes messages of at most " +
                                       std::to_string(bytes_max) + " with their headers"};
  }
  return {};
}

void AppendOperation::Enter() {
  if (Status checked = Check(); !checked.ok()) return done_(checked);
  const auto full = [this] {
    done_(Status(StatusCode::kUnavailable, "too many appends wait for NATS"));
  };
  const auto enter = [self = shared_from_this()] {
    const bool entered = self->parts_.window.Enter(self->records_, self->payload_bytes_, [self] {
      self->entered_ = true;
      self->Publish();
    });
    if (!entered) self->Finish(Status(StatusCode::kUnavailable, "too many appends wait for NATS"));
  };
  if (!is_batch()) return enter();
  if (!log_->batches().Enter(1, 0, enter)) full();
}

void AppendOperation::Publish() {
  published_ = Clock::now();
  if (options_.expected_next_offset && options_.expected_next_offset->value >= kNoSequence)
    return FinishConditionFailed("");
  if (is_batch()) {
    PublishBatch();
  } else {
    PublishOne();
  }
}

void AppendOperation::PublishOne() {
  Outgoing message = MessageOf(batch_.front());
  AddConditions(message);
  Ask(std::move(message));
}

void AppendOperation::Ask(Outgoing message) {
  parts_.connection.Ask(
      std::move(message), parts_.options.timeout,
      [self = shared_from_this()](Result<Incoming> answer) {
        self->OnAnswer(std::move(answer));
        return true;
      },
      log_.get());
}

void AppendOperation::PublishBatch() {
  const std::string id = log::LogId::Random().ToString();
  for (std::size_t i = 0; i < records_; ++i) {
    Outgoing message = MessageOf(batch_[i]);
    if (i == 0) AddConditions(message);
    message.headers.emplace_back(kBatchIdHeader, id);
    message.headers.emplace_back(kBatchSequenceHeader, std::to_string(i + 1));
    if (i + 1 < records_) {
      parts_.connection.Send(std::move(message));
      continue;
    }
    message.headers.emplace_back(kBatchCommitHeader, "1");
    Ask(std::move(message));
  }
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
    message.headers.emplace_back("Nats-Expected-Last-Sequence",
                                 std::to_string(options_.expected_next_offset->value));
  }
}

void AppendOperation::OnAnswer(Result<Incoming> answer) {
  parts_.counters.ObservePublish(Clock::now() - published_);
  if (!answer.ok()) {
    const bool unknown = answer.status().code() == StatusCode::kUnknownOutcome;
    parts_.counters.CountError(unknown ? "no_answer" : "not_connected");
    may_be_stored_ = may_be_stored_ || unknown;
    if (Status present = log_->Present(); !present.ok()) return Finish(present);
    if (is_keyed() && may_be_stored_) return RetryOr(answer.status());
    return Finish(answer.status());
  }
  if (answer->no_responders()) {
    parts_.counters.CountError("no_leader");
    return AskWhetherDeleted(
        Status(StatusCode::kUnavailable, "the stream of '" + log_->name() + "' has no leader"));
  }
  const Result<PublishAnswer> published = ParsePublishAnswer(answer->data());
  if (!published.ok())
    return Finish(Status(StatusCode::kUnknownOutcome, published.status().message()));
  if (published->error) return OnError(*published->error);
  if (published->stream != log_->stream()) {
    return Finish(Status(StatusCode::kUnknownOutcome,
                         "another stream has the subject of the log: " + published->stream));
  }
  if (published->duplicate) return OnDuplicate(published->sequence);
  if (published->sequence < records_)
    return Finish(Status(StatusCode::kUnknownOutcome, "NATS acknowledged no sequence"));
  OnStored(published->sequence);
}

void AppendOperation::OnError(const ApiError& error) {
  switch (error.code) {
    case kWrongLastSequence:
    case kWrongLastSequenceConstant:
      return FinishConditionFailed(error.description);
    case kBatchHasDuplicate:
      return FindDuplicate();
    case kDuplicateInProcess:
      may_be_stored_ = true;
      return RetryOr(Refused(StatusCode::kUnknownOutcome, error));
    case kMessageTooLarge:
    case kHeaderTooLarge:
    case kBatchTooLarge:
      return Finish(Refused(StatusCode::kTooLarge, error));
    case kResourcesExceeded:
    case kInsufficientResources:
    case kMemoryExceeded:
    case kStorageExceeded:
    case kStoreFailed:
      parts_.counters.CountError("no_space");
      return Finish(Refused(StatusCode::kNoSpace, error));
    case kTooManyBatches:
    case kTooManyRequests:
    case kBatchIncomplete:
      parts_.counters.CountError("too_many");
      return RetryOr(StatusOf(error));
    default:
      parts_.counters.CountError("refused");
      return RetryOr(StatusOf(error));
  }
}

void AppendOperation::OnStored(std::uint64_t last_sequence) {
  log_->NoteEnd(Offset(last_sequence));
  const std::uint64_t first_sequence = last_sequence - records_ + 1;
  log_->AskStored(
      first_sequence, [self = shared_from_this(), first_sequence](const Result<Stored>& stored) {
        // It is in the log, whatever can be told of it.
        self->Succeed(stored.ok() ? stored->time : daybook::Clock::System().Now(), first_sequence);
      });
}

// The id is looked at before the condition, which cannot hold: where the id is unknown by now
// nothing is stored.
void AppendOperation::FindDuplicate() {
  Outgoing message;
  message.subject = log_->subject();
  message.headers.emplace_back("Nats-Msg-Id", EscapeText(options_.idempotency_key, ".:/"));
  message.headers.emplace_back("Nats-Expected-Last-Sequence", std::to_string(kNoSequence));
  parts_.connection.Ask(std::move(message), parts_.options.timeout,
                        [self = shared_from_this()](const Result<Incoming>& answer) {
                          const Result<PublishAnswer> published =
                              answer.ok() ? ParsePublishAnswer(answer->data()) : answer.status();
                          const bool told =
                              published.ok() && !published->error && published->duplicate;
                          self->OnDuplicate(told ? published->sequence : 0);
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
        if (first.status().code() != StatusCode::kNotFound)
          return self->RetryOr(Status(StatusCode::kUnknownOutcome, first.status().message()));
        // Retention took it, so that nothing but its place is known.
        self->Finish(Appended{Offset(sequence - 1), Offset(sequence - 1 + self->records_),
                              daybook::Clock::System().Now(), true});
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
  parts_.api.Info(
      log_->stream(), [self = shared_from_this(), otherwise](const Result<StreamInfo>& info) {
        const Status failure = info.ok() ? otherwise : self->log_->NoteFailure(info.status());
        if (failure.code() == StatusCode::kLogDeleted) return self->Finish(failure);
        self->RetryOr(otherwise);
      });
}

void AppendOperation::RetryOr(const Status& otherwise) {
  const Clock::time_point now = Clock::now();
  if (now + retry_delay_ > began_ + kAppendTime || parts_.closed) {
    return Finish(may_be_stored_ ? Status(StatusCode::kUnknownOutcome, otherwise.message())
                                 : otherwise);
  }
  parts_.counters.CountRetry();
  parts_.timers.RunAfter(retry_delay_, [self = shared_from_this()] { self->Publish(); });
  retry_delay_ = std::min(2 * retry_delay_, kRetryDelayMax);
}

// The end is the one that the leader told, which counts what is under way.
void AppendOperation::FinishConditionFailed(const std::string& description) {
  const Offset expected = options_.expected_next_offset.value_or(Offset());
  if (const auto told = NumberAtEnd(description))
    return Finish(log::NotTheEnd(expected, Offset(*told)));
  log_->AskExtent(
      [self = shared_from_this(), expected](const Result<JetStreamLog::Extent>& extent) {
        self->Finish(extent.ok() ? log::NotTheEnd(expected, extent->end) : extent.status());
      });
}

void AppendOperation::Succeed(Timestamp time, std::uint64_t first_sequence) {
  parts_.counters.CountAppend(records_, payload_bytes_);
  const Offset first(first_sequence - 1);
  Finish(Appended{first, first + records_, time});
}

void AppendOperation::Finish(Result<Appended> result) {
  log::AppendDone done = std::move(done_);
  if (entered_) parts_.window.Leave(records_, payload_bytes_);
  if (is_batch()) log_->batches().Leave(1, 0);
  done(std::move(result));
}

}  // namespace daybook::jetstream
