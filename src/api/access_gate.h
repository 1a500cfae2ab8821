// AccessGate lets the requests through that their tokens, and the limits of their clients, allow.
//
// The order: who it is, whether that is too much (429), whether it is nobody (401), whether it may
// (403). Whether a log exists is told only behind it. Called by all workers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "access/client_limits.h"
#include "access/grant.h"
#include "access/token_file.h"
#include "api/access_rules.h"
#include "base/counters.h"
#include "http/gate.h"
#include "http/router.h"

namespace daybook::api {

// Why a request was not let through.
enum class Denial : std::uint8_t { kNoToken, kUnknownToken, kNotGranted, kRate, kRequests };
inline constexpr std::array<std::string_view, 5> kDenialNames = {"no_token", "unknown_token",
                                                                 "not_granted", "rate", "requests"};

struct AccessStats {
  std::array<SharedCounter, kDenialNames.size()> denials;
};

// Who may use the server, and how much of it. All null: whoever reaches it, as much as it has.
struct Access {
  std::shared_ptr<const access::TokenFile> tokens;
  // Two, so that no crowd of addresses leaves less to those who have a token.
  std::shared_ptr<access::ClientLimits> token_limits;
  std::shared_ptr<access::ClientLimits> address_limits;
  bool metrics_need_token = false;
  std::vector<std::string> cors_origins;
  std::shared_ptr<AccessStats> stats = std::make_shared<AccessStats>();
};

// Has `router`, which has all of its routes, ask for what `access` says.
void Guard(http::Router& router, const Access& access);

// What let a request through; null where no token is needed.
std::shared_ptr<const access::Grant> GrantOf(const http::Request& request);

// Whether a grant, which may be null, lets its holder read a log.
bool MayRead(const std::shared_ptr<const access::Grant>& grant, std::string_view log);

}  // namespace daybook::api
