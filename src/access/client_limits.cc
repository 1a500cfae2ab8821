#include "access/client_limits.h"

#include <algorithm>
#include <utility>

namespace daybook::access {
namespace {

// No name of a token and no address: what those share who are too many to be told apart.
constexpr std::string_view kOthers = "*";

ClientLimits::Clock::duration IntervalOf(const ClientLimitsOptions& options) {
  if (options.rate == 0) return {};
  return ClientLimits::Clock::duration(std::chrono::seconds(1)) /
         static_cast<ClientLimits::Clock::rep>(options.rate);
}

}  // namespace

ClientLimits::ClientLimits(const ClientLimitsOptions& options)
    : options_(options),
      interval_(IntervalOf(options)),
      ahead_max_(interval_ *
                 static_cast<Clock::rep>((options.burst != 0 ? options.burst : options.rate) -
                                         (options.rate != 0 ? 1 : 0))) {}

ClientLimits::Taken ClientLimits::Take(std::string_view client, Clock::time_point now) {
  if (!any()) return nullptr;
  Shard& shard = shards_[Hash()(client) % kShards];
  const MutexLock lock(shard.mutex);
  Client& known = Find(shard, client, now);
  if (const std::optional<Refusal> refusal = Refuse(known, now)) return *refusal;
  known.next = std::max(known.next, now) + interval_;
  if (options_.requests_max == 0) return nullptr;
  ++known.requests;
  return std::make_unique<Slot>(shard, known);
}

std::optional<ClientLimits::Refusal> ClientLimits::Refuse(const Client& client,
                                                          Clock::time_point now) const {
  if (options_.requests_max != 0 && client.requests >= options_.requests_max)
    return Refusal{Refusal::Why::kRequests, std::chrono::seconds(1)};
  const Clock::duration too_early = client.next - now - ahead_max_;
  if (options_.rate == 0 || too_early <= Clock::duration()) return std::nullopt;
  return Refusal{Refusal::Why::kRate, std::chrono::ceil<std::chrono::seconds>(too_early)};
}

ClientLimits::Client& ClientLimits::Find(Shard& shard, std::string_view client,
                                         Clock::time_point now) const {
  const auto found = shard.clients.find(client);
  if (found != shard.clients.end()) return found->second;
  const std::size_t clients_max = options_.clients_max / kShards;
  if (shard.clients.size() >= std::min(shard.sweep_at, clients_max) && now >= shard.next_sweep)
    Sweep(shard, now);
  return shard.clients[std::string(shard.clients.size() < clients_max ? client : kOthers)];
}

// Forgets those of whom nothing is to be known.
void ClientLimits::Sweep(Shard& shard, Clock::time_point now) {
  std::erase_if(shard.clients, [&](const auto& one) {
    return one.second.requests == 0 && one.second.next <= now;
  });
  shard.sweep_at = std::max<std::size_t>(64, 2 * shard.clients.size());
  shard.next_sweep = now + std::chrono::seconds(1);
}

std::size_t ClientLimits::clients() const {
  std::size_t clients = 0;
  for (const Shard& shard : shards_) {
    const MutexLock lock(shard.mutex);
    clients += shard.clients.size();
  }
  return clients;
}

}  // namespace daybook::access
