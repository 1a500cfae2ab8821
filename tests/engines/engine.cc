#include "engines/engine.h"

#include <utility>

#include "base/check.h"
#include "disk/disk_store.h"
#include "jetstream/jetstream_store.h"
#include "log/memory_store.h"
#include "support/jetstream_streams.h"
#include "support/nats_servers.h"
#include "support/simulated_file_system.h"

namespace daybook::engines {
namespace {

constexpr Timestamp kStart{1'700'000'000'000};

class MemoryEngine final : public Engine {
 public:
  explicit MemoryEngine(const EngineLimits& limits)
      : store_(clock_, 256 << 20, limits.idempotency, limits.store) {}

  log::LogStore& store() override { return store_; }
  ManualClock* clock() override { return &clock_; }
  bool survives_restart() const override { return false; }
  void Restart() override { CHECK(false, "memory keeps nothing across a restart"); }

 private:
  ManualClock clock_{kStart};
  log::MemoryLogStore store_;
};

class DiskEngine final : public Engine {
 public:
  explicit DiskEngine(const EngineLimits& limits) {
    options_.idempotency = limits.idempotency;
    options_.limits = limits.store;
    options_.segment_bytes_max = 64 << 10;
    Open();
  }

  log::LogStore& store() override { return *store_; }
  ManualClock* clock() override { return &clock_; }
  bool survives_restart() const override { return true; }
  void Restart() override {
    store_.reset();
    Open();
  }

 private:
  void Open() {
    store_ = disk::DiskLogStore::Open(files_, clock_, "/data", options_, [](const Status& status) {
               CHECK(false, status.message());
             }).value();
    store_->AwaitRecovery();
  }

  test::SimulatedFileSystem files_;
  ManualClock clock_{kStart};
  disk::DiskLogOptions options_;
  std::unique_ptr<disk::DiskLogStore> store_;
};

// Each test has logs of its own, under a prefix of its own.
class JetStreamEngine final : public Engine {
 public:
  explicit JetStreamEngine(const EngineLimits& limits) {
    options_.idempotency_window = limits.idempotency.window;
    options_.limits = limits.store;
    store_ = test::OpenJetStream(options_);
  }
  ~JetStreamEngine() override {
    store_.reset();
    test::DeleteStreams(options_.prefix);
  }

  log::LogStore& store() override { return *store_; }
  bool survives_restart() const override { return true; }
  void Restart() override {
    store_.reset();
    store_ = test::OpenJetStream(options_);
  }

 private:
  jetstream::JetStreamOptions options_ = test::JetStreamForTests();
  std::unique_ptr<jetstream::JetStreamStore> store_;
};

template <typename E>
std::unique_ptr<Engine> Make(const EngineLimits& limits) {
  return std::make_unique<E>(limits);
}

}  // namespace

std::vector<EngineKind> Engines() {
  return {{"memory", Make<MemoryEngine>, [] { return std::string(); }},
          {"disk", Make<DiskEngine>, [] { return std::string(); }},
          {"jetstream", Make<JetStreamEngine>, [] { return test::RunningNats().none; }}};
}

}  // namespace daybook::engines
