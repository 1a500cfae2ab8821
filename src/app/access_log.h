// AccessLog writes a line of the log for each answered request while it is switched on.
//
// The line has the request's id, client, method, route and target, who its token is of, status,
// size and duration, and where the client sent a `traceparent` (W3C Trace Context) its trace and
// parent. Thread-safe.
#pragma once

#include <atomic>
#include <optional>
#include <string_view>

#include "http/exchange.h"

namespace daybook::app {

class AccessLog : public http::ExchangeObserver {
 public:
  void Switch(bool on) { on_.store(on, std::memory_order_relaxed); }

  bool wants_exchanges() const override { return on_.load(std::memory_order_relaxed); }
  void OnExchange(const http::Exchange& exchange) override;

 private:
  std::atomic<bool> on_{false};
};

struct TraceParent {
  std::string_view trace_id;   // 32 hexadecimal digits
  std::string_view parent_id;  // 16
};

// Reads a traceparent of version 00, or of a later one as far as 00 goes (W3C Trace Context
// section 3.2); none where it is not valid.
std::optional<TraceParent> ParseTraceParent(std::string_view text);

}  // namespace daybook::app
