// Exchange is a request and its answer, as an observer sees them: for an access log, say.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "http/request.h"
#include "http/vocabulary.h"

namespace daybook::http {

// Refers to what lives as long as the call that it is given to.
struct Exchange {
  const Request& request;   // as far as it was read
  std::string_view route;   // its pattern; empty where there is none
  std::string_view method;  // empty where there was none that is known
  Code code;
  std::uint64_t body_bytes;  // of the answer, as far as it was made
  // From the whole request to the answer's header; 0 when refused unparsed.
  std::chrono::nanoseconds duration;
};

// Told of each answer when it is written, and of one that is made as it is sent when that ended, on
// its worker's thread. Must outlive the server.
class ExchangeObserver {
 public:
  virtual ~ExchangeObserver() = default;
  // Asked first, since an Exchange costs something to make.
  virtual bool wants_exchanges() const = 0;
  virtual void OnExchange(const Exchange& exchange) = 0;
};

}  // namespace daybook::http
