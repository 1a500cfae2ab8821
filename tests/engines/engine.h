// Engine: what the conformance tests need of an engine beside what log.h has.
//
// The tests run unchanged on every one of Engines(), and ask nothing that log.h does not promise: a
// store may be slow and answer on any thread, a page may end early, others may have logs in it. A
// new engine is one more class in engine.cc.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "log/idempotency.h"
#include "log/log.h"

namespace daybook::engines {

struct EngineLimits {
  log::IdempotencyLimits idempotency{std::chrono::milliseconds(3'600'000), 1'000};
  log::StoreLimits store{50, 5};
};

// Used on one thread, its store on any.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual log::LogStore& store() = 0;
  // Where the engine has its time from; null: it has its own.
  virtual ManualClock* clock() { return nullptr; }
  virtual bool survives_restart() const = 0;
  // Destroys the store, of which no log is held any more, and opens it again on what it left. Only
  // where that survives.
  virtual void Restart() = 0;
};

struct EngineKind {
  std::string name;
  std::function<std::unique_ptr<Engine>(const EngineLimits&)> make;  // with a store that serves
  std::function<std::string()> lacks;  // what it needs and is not here; "": nothing

  friend std::ostream& operator<<(std::ostream& out, const EngineKind& kind) {
    return out << kind.name;
  }
};

std::vector<EngineKind> Engines();

}  // namespace daybook::engines
