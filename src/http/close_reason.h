// Why a connection ended.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace daybook::http {

enum class CloseReason : std::uint8_t {
  kClient,          // the client closed or broke it
  kFinished,        // with the answer after which one side wanted no more
  kRefused,         // with the answer to a request that was refused unparsed
  kIdleTimeout,     // nothing came
  kRequestTimeout,  // a header or body did not come to its end
  kWriteTimeout,    // an answer was not read
  kOverload,        // there was no memory for an answer that was being made
  kDrain,           // the server stops
  kFault,           // something went wrong here
};
inline constexpr std::array<std::string_view, 9> kCloseReasonNames = {
    "client",        "finished", "refused", "idle_timeout", "request_timeout",
    "write_timeout", "overload", "drain",   "fault"};

}  // namespace daybook::http
