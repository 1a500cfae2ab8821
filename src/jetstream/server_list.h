// ServerList says which server of NATS is tried next: those that were named, in an order that
// differs from daybook to daybook, and those that the last one knew of. Not thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace daybook::jetstream {

class ServerList {
 public:
  // `named` has one at least.
  explicit ServerList(std::vector<std::string> named);

  // The one after the last that was tried, round and round.
  const std::string& Next();
  // All of them were tried, from the first.
  bool round_is_over() const { return next_ == servers_.size(); }
  // What the server that was tried last knows of, in the place of what others knew before.
  void Learn(const std::vector<std::string>& others);

 private:
  const std::vector<std::string> named_;
  std::vector<std::string> servers_;
  std::size_t next_ = 0;
};

}  // namespace daybook::jetstream
