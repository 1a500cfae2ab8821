#include "jetstream/server_list.h"

#include <algorithm>
#include <random>
#include <utility>

namespace daybook::jetstream {
namespace {

std::vector<std::string> Shuffled(std::vector<std::string> servers) {
  std::shuffle(servers.begin(), servers.end(), std::minstd_rand(std::random_device()()));
  return servers;
}

}  // namespace

ServerList::ServerList(std::vector<std::string> named)
    : named_(Shuffled(std::move(named))), servers_(named_) {}

const std::string& ServerList::Next() {
  if (round_is_over()) next_ = 0;
  return servers_[next_++];
}

void ServerList::Learn(const std::vector<std::string>& others) {
  const std::string last = next_ == 0 ? servers_.front() : servers_[next_ - 1];
  servers_ = named_;
  const auto add = [this](const std::string& server) {
    if (std::find(servers_.begin(), servers_.end(), server) == servers_.end())
      servers_.push_back(server);
  };
  add(last);
  for (const std::string& server : others) add(server);
  const auto place = std::find(servers_.begin(), servers_.end(), last);
  next_ = static_cast<std::size_t>(place - servers_.begin()) + 1;
}

}  // namespace daybook::jetstream
