// What tests of the engine `jetstream` do with the servers of NATS beside it.
#pragma once

#include <string>

#include "base/status.h"

namespace daybook::engines {

// A jetstream::FetchPage, by http/client.h.
Result<std::string> FetchPage(const std::string& url, const std::string& path);

// All streams of a store with that prefix, so that the servers of all tests have little to keep.
void DeleteStreams(const std::string& prefix);

}  // namespace daybook::engines
