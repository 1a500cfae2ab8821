// AppendOperation appends one batch to a log, as a message or as an atomic batch of them, and finds
// out what became of it.
//
// An append with an idempotency key has the key as its message id: NATS stores one message of an id
// and answers another with the sequence of the first. So what had no answer in time is published
// again, until the outcome is known or kAppendTime is over. Without a key it is tried again only
// where nothing can have been stored.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "jetstream/jetstream_log.h"
#include "jetstream/record_message.h"

namespace daybook::jetstream {

class AppendOperation : public std::enable_shared_from_this<AppendOperation> {
 public:
  static void Start(std::shared_ptr<JetStreamLog> log, log::Batch batch, log::AppendOptions options,
                    log::AppendDone done);

  AppendOperation(std::shared_ptr<JetStreamLog> log, log::Batch batch, log::AppendOptions options,
                  log::AppendDone done);

 private:
  using Clock = std::chrono::steady_clock;

  bool is_batch() const { return records_ > 1; }
  bool is_keyed() const { return !options_.idempotency_key.empty(); }

  // Sees to it that the log's stream is known to promise what it must, and that the batch can be
  // appended as it is.
  void Begin();
  Status Reachable() const;
  Status Check() const;
  // Waits for its turn, and publishes.
  void Enter();
  void RefuseFull();
  void Leave();
  void Publish();
  std::vector<Outgoing> Messages() const;
  Outgoing MessageOf(const log::NewRecord& record) const;
  // What the first message has beside its record.
  void AddConditions(Outgoing& message) const;
  void OnAnswer(Result<Incoming> answer);
  void OnError(const ApiError& error);
  void OnStored(std::uint64_t last_sequence);
  // Asks for the sequence of what the key was used for before, after that error.
  void FindDuplicate(const ApiError& error);
  void OnDuplicate(std::uint64_t sequence);
  void CompareWith(const StoredMessage& first);
  void AskTime(std::uint64_t first_sequence);
  void AskWhetherDeleted(const Status& otherwise);
  // Nothing was stored by this try.
  void Refuse(const Status& status);
  // Tries again, or gives `otherwise` up.
  void RetryOr(const Status& otherwise);
  void FinishConditionFailed(const std::string& description);
  void Succeed(Timestamp time, std::uint64_t first_sequence);
  void Finish(Result<log::Appended> result);

  const std::shared_ptr<JetStreamLog> log_;
  EngineParts& parts_;
  log::Batch batch_;
  const log::AppendOptions options_;
  log::AppendDone done_;
  const Operations::Token under_way_;
  const std::size_t records_;
  std::uint64_t payload_bytes_ = 0;
  KeyedBatch keyed_;
  const Clock::time_point began_ = Clock::now();
  Clock::time_point published_;  // the last time
  std::chrono::milliseconds retry_delay_;
  bool may_be_stored_ = false;  // by a try
  bool entered_ = false;
};

}  // namespace daybook::jetstream
