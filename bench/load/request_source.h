// RequestSource: the bytes of one request after the other.
//
// What does not change is written once; a request is a copy of it, with its offset in the target or
// its serial number in the body. One a worker; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "load/options.h"

namespace daybook::bench {

// The base64 of "LogLogLo...", `bytes` long.
std::string Base64Value(std::size_t bytes);

class RequestSource {
 public:
  // `worker` of options.threads: they begin in different places.
  RequestSource(const Options& options, int worker);

  // Adds the next request to `out`.
  void AppendTo(std::string& out);

 private:
  enum class Number : std::uint8_t { kNone, kOffset, kSerial };

  std::uint64_t NextOffset();

  const std::uint64_t offsets_;
  const std::uint64_t offset_step_;
  const bool random_;
  Number number_ = Number::kNone;  // what a request has between the two
  std::string before_, after_;
  std::uint64_t next_;
  std::uint64_t next_serial_;
  std::minstd_rand generator_;
};

}  // namespace daybook::bench
