#include "app/access.h"

#include <string_view>
#include <utility>

#include "base/ascii.h"

namespace daybook::app {

Result<api::Access> AccessOf(const config::Config& config) {
  api::Access access;
  if (!config.token_file.empty()) {
    auto tokens = access::TokenFile::Open(config.token_file);
    if (!tokens.ok()) return tokens.status();
    access.tokens = std::move(*tokens);
  }
  access::ClientLimitsOptions limits;
  limits.rate = config.client_rate;
  limits.burst = config.client_burst;
  limits.requests_max = config.client_requests;
  if (limits.rate != 0 || limits.requests_max != 0) {
    access.token_limits = std::make_shared<access::ClientLimits>(limits);
    access.address_limits = std::make_shared<access::ClientLimits>(limits);
  }
  access.metrics_need_token = config.protect_metrics;
  for (std::string_view origins = config.cors_origins; !origins.empty();)
    access.cors_origins.emplace_back(TakeUntil(origins, ','));
  return access;
}

}  // namespace daybook::app
