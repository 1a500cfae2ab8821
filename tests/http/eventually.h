// Waiting for what another thread brings about.
#pragma once

#include <chrono>
#include <thread>

#include "support/http_client.h"

namespace daybook::test {

// Whether it is so before `patience` is over.
template <typename Done>
bool Eventually(Done done, std::chrono::milliseconds patience = HttpClient::kPatience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!done() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  return done();
}

}  // namespace daybook::test
