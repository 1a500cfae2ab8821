// Publisher publishes with cnats alone, and counts what became of the messages.
//
// Where something fails that leaves nothing to measure it ends the process, with a line on standard
// error. Run() is called once; it publishes on the calling thread and on the one on which cnats
// tells of acknowledgements.
#pragma once

#include <nats/nats.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/mutex.h"
#include "load/histogram.h"

namespace daybook::bench {

struct PublishOptions {
  std::string url;
  std::string stream = "bench_nats_publish";
  std::string subject = "bench.nats.publish";
  std::size_t value_bytes = 23;
  int in_flight = 64;
  double rate = 0;  // messages a second, open loop; 0: closed loop
  double warmup_seconds = 0;
  double seconds = 1;
  bool send_asap = true;  // else within a millisecond, or when the buffer is full
};

// Of the measured time, but for the answers and the errors, which are of the whole run.
struct PublishTotals {
  Histogram latency;
  Histogram queue;             // from when messages were due until they were published
  std::uint64_t requests = 0;  // due in it and acknowledged, however late
  std::uint64_t in_time = 0;   // acknowledged in it
  std::uint64_t answers = 0;
  std::uint64_t refused = 0;
  std::uint64_t unpublished = 0;
  std::uint64_t unanswered = 0;
  double cpu_seconds = 0;
};

class Publisher {
 public:
  // Connects. `options` must outlive it.
  explicit Publisher(const PublishOptions& options);
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  // Where it is not there yet. With the settings of a log of daybook's, save that nothing is
  // published again.
  void MakeStream();

  // Returns when the measured time is over and what was published is acknowledged or given up.
  PublishTotals Run();

 private:
  bool IsMeasured(std::int64_t due) const { return due >= measure_begin_ && due < measure_end_; }
  void PublishAtRate(std::int64_t begin);
  void Publish(std::int64_t due);
  static void OnAnswer(jsCtx*, natsMsg* message, jsPubAck* stored, jsPubAckErr*, void* closure);
  void Take(std::int64_t due, bool stored);
  // What is unacknowledged counts as long as it has lasted.
  void GiveUp();

  const PublishOptions& options_;
  const std::string value_;
  natsConnection* connection_ = nullptr;
  jsCtx* context_ = nullptr;
  std::int64_t measure_begin_ = 0;
  std::int64_t measure_end_ = 0;

  Mutex mutex_;
  PublishTotals totals_ GUARDED_BY(mutex_);
};

}  // namespace daybook::bench
