#include "peers/nats/publisher.h"

#include <sys/prctl.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "jetstream/api_text.h"
#include "jetstream/names.h"
#include "jetstream/stream_settings.h"

namespace daybook::bench {
namespace {

constexpr double kSecond = 1e9;
constexpr std::int64_t kAskMilliseconds = 10'000;
constexpr std::int64_t kDrainMilliseconds = 2'000;  // for what is unacknowledged at the end

std::int64_t Nanoseconds(const timespec& time) {
  return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

std::int64_t Now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return Nanoseconds(now);
}

void SleepUntil(std::int64_t time) {
  const timespec until{time / 1'000'000'000, time % 1'000'000'000};
  (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
}

double CpuSeconds() {
  timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(Nanoseconds(used)) / kSecond;
}

[[noreturn]] void Fail(const std::string& what, const std::string& why) {
  std::fprintf(stderr, "bench_nats_publish: %s: %s\n", what.c_str(), why.c_str());
  std::_Exit(1);  // cnats has threads that go on
}

void Must(const char* what, natsStatus status) {
  if (status != NATS_OK) Fail(what, natsStatus_GetText(status));
}

// `value` with that time at its beginning; until the next call on the same thread.
const std::string& Stamped(const std::string& value, std::int64_t due) {
  thread_local std::string stamped;
  if (stamped.empty()) stamped = value;
  std::memcpy(stamped.data(), &due, sizeof due);
  return stamped;
}

std::int64_t DueOf(const natsMsg* message) {
  std::int64_t due = 0;
  std::memcpy(&due, natsMsg_GetData(message), sizeof due);
  return due;
}

}  // namespace

Publisher::Publisher(const PublishOptions& options)
    : options_(options), value_(options.value_bytes, 'L') {
  natsOptions* made = nullptr;
  Must("natsOptions_Create", natsOptions_Create(&made));
  Must("--url", natsOptions_SetURL(made, options.url.c_str()));
  Must("send at once", natsOptions_SetSendAsap(made, options.send_asap));
  Must("one thread of delivery", natsOptions_UseGlobalMessageDelivery(made, true));
  Must("connect", natsConnection_Connect(&connection_, made));
  natsOptions_Destroy(made);
  jsOptions settings;
  Must("jsOptions_Init", jsOptions_Init(&settings));
  settings.PublishAsync.AckHandler = OnAnswer;
  settings.PublishAsync.AckHandlerClosure = this;
  Must("natsConnection_JetStream", natsConnection_JetStream(&context_, connection_, &settings));
}

Publisher::~Publisher() {
  jsCtx_Destroy(context_);
  natsConnection_Close(connection_);
  natsConnection_Destroy(connection_);
}

void Publisher::MakeStream() {
  const jetstream::JetStreamOptions defaults;
  jetstream::StreamSpec spec = jetstream::LogSpec(defaults, jetstream::Names(defaults.prefix), "",
                                                  log::LogId(), log::Retention());
  spec.name = options_.stream;
  spec.description = "bench_nats_publish";
  spec.subjects = {options_.subject};
  spec.metadata.clear();
  spec.republish_to.clear();
  const std::string api = "$JS.API.STREAM.CREATE." + options_.stream;
  natsMsg* answer = nullptr;
  Must(api.c_str(), natsConnection_RequestString(&answer, connection_, api.c_str(),
                                                 CreateText(spec).c_str(), kAskMilliseconds));
  const Status made = jetstream::ParseDone(
      {natsMsg_GetData(answer), static_cast<std::size_t>(natsMsg_GetDataLength(answer))});
  natsMsg_Destroy(answer);
  if (!made.ok()) Fail(api, made.message());
}

PublishTotals Publisher::Run() {
  const double cpu_before = CpuSeconds();
  const std::int64_t begin = Now();
  measure_begin_ = begin + static_cast<std::int64_t>(options_.warmup_seconds * kSecond);
  measure_end_ = measure_begin_ + static_cast<std::int64_t>(options_.seconds * kSecond);
  if (options_.rate > 0) {
    PublishAtRate(begin);
  } else {
    for (int i = 0; i < options_.in_flight; ++i) Publish(Now());
    SleepUntil(measure_end_);
  }
  jsPubOptions drain;
  Must("jsPubOptions_Init", jsPubOptions_Init(&drain));
  drain.MaxWait = kDrainMilliseconds;
  (void)js_PublishAsyncComplete(context_, &drain);
  GiveUp();
  const MutexLock lock(mutex_);
  totals_.cpu_seconds = CpuSeconds() - cpu_before;
  return totals_;
}

void Publisher::PublishAtRate(std::int64_t begin) {
  prctl(PR_SET_TIMERSLACK, 1);  // the default lets a sleep last 50 us longer
  for (std::uint64_t i = 0;; ++i) {
    const std::int64_t due = begin + std::llround(static_cast<double>(i) * kSecond / options_.rate);
    if (due >= measure_end_) return;
    if (due > Now()) SleepUntil(due);
    Publish(due);
  }
}

void Publisher::Publish(std::int64_t due) {
  natsMsg* message = nullptr;
  Must("natsMsg_Create",
       natsMsg_Create(&message, options_.subject.c_str(), nullptr, Stamped(value_, due).data(),
                      static_cast<int>(value_.size())));
  const std::int64_t published = Now();
  const natsStatus status = js_PublishMsgAsync(context_, &message, nullptr);
  natsMsg_Destroy(message);  // where it was not taken
  if (status == NATS_OK && options_.rate == 0) return;
  const MutexLock lock(mutex_);
  if (status != NATS_OK) ++totals_.unpublished;
  if (options_.rate > 0 && IsMeasured(due)) totals_.queue.Add(published - due);
}

void Publisher::OnAnswer(jsCtx*, natsMsg* message, jsPubAck* stored, jsPubAckErr*, void* closure) {
  static_cast<Publisher*>(closure)->Take(DueOf(message), stored != nullptr);
  natsMsg_Destroy(message);
}

void Publisher::Take(std::int64_t due, bool stored) {
  const std::int64_t now = Now();
  {
    const MutexLock lock(mutex_);
    if (!stored) {
      ++totals_.refused;
    } else {
      ++totals_.answers;
      if (now >= measure_begin_ && now < measure_end_) ++totals_.in_time;
      if (IsMeasured(due)) {
        ++totals_.requests;
        totals_.latency.Add(now - due);
      }
    }
  }
  if (options_.rate == 0 && now < measure_end_) Publish(now);
}

void Publisher::GiveUp() {
  natsMsgList left{};
  if (js_PublishAsyncGetPendingList(&left, context_) != NATS_OK) return;
  const std::int64_t now = Now();
  const MutexLock lock(mutex_);
  for (int i = 0; i < left.Count; ++i) {
    const std::int64_t due = DueOf(left.Msgs[i]);
    ++totals_.unanswered;
    if (IsMeasured(due)) totals_.latency.Add(now - due);
  }
  natsMsgList_Destroy(&left);
}

}  // namespace daybook::bench
