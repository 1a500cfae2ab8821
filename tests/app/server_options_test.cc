#include "app/server_options.h"

#include <gtest/gtest.h>

#include "app/access_log.h"
#include "config/config.h"

namespace daybook::app {
namespace {

// The descriptors of both servers together are what the process may open.
TEST(ServerOptions, TheOperationsServerHasNoConnectionsBeyondItsFew) {
  AccessLog access_log;
  const config::Config config;
  const http::Limits limits = OperationsServerOptionsOf(config, access_log).limits;
  EXPECT_LE(limits.connections_max + limits.connections_spare, 64U);
}

}  // namespace
}  // namespace daybook::app
