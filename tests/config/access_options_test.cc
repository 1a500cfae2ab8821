#include "config/access_options.h"

#include <gtest/gtest.h>

#include <string>

#include "config/options.h"

namespace daybook::config {
namespace {

bool TakesOrigins(const std::string& text) {
  Config config;
  return FindOption("cors-origins")->set(config, text);
}

TEST(CorsOrigins, AreAsABrowserWritesThem) {
  for (const char* right : {"", "*", "https://app.example.com", "http://localhost:3000",
                            "https://a.example,http://b.example:8443", "http://[::1]:3000"}) {
    EXPECT_TRUE(TakesOrigins(right)) << right;
  }
  for (const char* wrong :
       {"app.example.com", "https://App.example.com", "https://a.example/", "https://a.example:443",
        "http://a.example:80", "https://b.example,http://a.example:80", "https://a.example,",
        "https://a.example, https://b.example", "*,https://a.example", "null"}) {
    EXPECT_FALSE(TakesOrigins(wrong)) << wrong;
  }
}

TEST(AccessOptions, WhatNothingCouldComeOfIsAMistake) {
  Config config;
  EXPECT_TRUE(CheckAccessOptions(config).ok());
  config.protect_metrics = true;
  EXPECT_FALSE(CheckAccessOptions(config).ok());
  config.token_file = "tokens";
  EXPECT_TRUE(CheckAccessOptions(config).ok());
  config.client_burst = 3;
  EXPECT_FALSE(CheckAccessOptions(config).ok());
  config.client_rate = 1;
  EXPECT_TRUE(CheckAccessOptions(config).ok());
}

}  // namespace
}  // namespace daybook::config
