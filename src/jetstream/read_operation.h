// ReadOperation reads one page of a log, from any replica of its stream.
//
// A replica may be behind the leader: what it does not have yet is asked for again, and whatever
// says where the log ends is asked of the leader, for kAskTimeout in all.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "jetstream/jetstream_log.h"

namespace daybook::jetstream {

class ReadOperation : public std::enable_shared_from_this<ReadOperation> {
 public:
  static void Start(std::shared_ptr<JetStreamLog> log, Offset from, const log::ReadLimits& limits,
                    log::ReadDone done);

  ReadOperation(std::shared_ptr<JetStreamLog> log, Offset from, const log::ReadLimits& limits,
                log::ReadDone done);

 private:
  using Clock = std::chrono::steady_clock;
  struct Content;  // what the views of a page point into

  void Enter();
  void Begin();
  void Fetch();
  void OnBatch(Result<DirectBatch> batch);
  // Fills the page with what goes on from `from`; an error where a message is no record.
  Status Fill(DirectBatch batch);
  void AskExtent();
  void OnExtent(const JetStreamLog::Extent& extent);
  // A replica gives no such record; the leader is asked for it.
  void OnGap();
  void FinishMissing();
  void RetryOr(const Status& otherwise);
  void Finish(Result<log::Page> page);

  const std::shared_ptr<JetStreamLog> log_;
  EngineParts& parts_;
  const Offset from_;
  const log::ReadLimits limits_;
  log::ReadDone done_;
  Operations::Token under_way_;
  const Clock::time_point deadline_;
  log::Page page_;
  bool fetched_ = false;          // in this try
  bool has_gap_ = false;          // a replica has what is behind `from`, and not that
  bool leader_has_none_ = false;  // and the leader has none either
};

}  // namespace daybook::jetstream
