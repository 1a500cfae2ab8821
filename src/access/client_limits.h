// ClientLimits bounds what one client may ask of the server: requests a second, and requests that
// are under way at one time. A client is who has a token of one name, or comes from one address.
//
// The rate is held by the generic cell rate algorithm (ITU-T I.371, annex A): a client that has not
// asked for a while may ask `burst` times at once, and from then on `rate` times a second. What is
// refused counts for nothing. Thread-safe.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "base/mutex.h"

namespace daybook::access {

struct ClientLimitsOptions {
  std::uint64_t rate = 0;            // requests a second; 0: any number
  std::uint64_t burst = 0;           // 0: as many as a second has
  std::uint64_t requests_max = 0;    // under way; 0: any number
  std::size_t clients_max = 65'536;  // that are told apart; further ones share one allowance
};

class ClientLimits {
 public:
  using Clock = std::chrono::steady_clock;

  // One request under way, until it is destroyed. Must not outlive the limits.
  class Slot;
  struct Refusal {
    enum class Why : std::uint8_t { kRate, kRequests };
    Why why;
    std::chrono::seconds retry_after;  // 1 at least
  };
  using Taken = std::variant<std::unique_ptr<Slot>, Refusal>;

  explicit ClientLimits(const ClientLimitsOptions& options);

  bool any() const { return options_.rate != 0 || options_.requests_max != 0; }

  // For one more request of the client's. No slot is owed where requests under way are not bounded.
  Taken Take(std::string_view client, Clock::time_point now = Clock::now());

  std::size_t clients() const;  // that something is known of

 private:
  static constexpr std::size_t kShards = 16;

  struct Client {
    Clock::time_point next{};  // when its next request would be due at the rate
    std::uint64_t requests = 0;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view client) const {
      return std::hash<std::string_view>()(client);
    }
  };
  struct Shard {
    mutable Mutex mutex;
    std::unordered_map<std::string, Client, Hash, std::equal_to<>> clients GUARDED_BY(mutex);
    std::size_t sweep_at GUARDED_BY(mutex) = 64;  // clients
    Clock::time_point next_sweep GUARDED_BY(mutex){};
  };

  std::optional<Refusal> Refuse(const Client& client, Clock::time_point now) const;
  Client& Find(Shard& shard, std::string_view client, Clock::time_point now) const
      EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);
  static void Sweep(Shard& shard, Clock::time_point now) EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);

  const ClientLimitsOptions options_;
  const Clock::duration interval_;  // between two requests at the rate
  const Clock::duration ahead_max_;
  std::array<Shard, kShards> shards_;
};

class ClientLimits::Slot {
 public:
  // Both of them stay where they are, the client as long as it has requests under way.
  Slot(Shard& shard, Client& client) : shard_(shard), client_(client) {}
  ~Slot() {
    const MutexLock lock(shard_.mutex);
    --client_.requests;
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

 private:
  Shard& shard_;
  Client& client_;
};

}  // namespace daybook::access
