// What tests of the engine `jetstream` do with the servers of NATS beside it.
#pragma once

#include <memory>
#include <string>

#include "jetstream/jetstream_store.h"

namespace daybook::test {

// Of a store at the servers that run, with a prefix that no other has.
jetstream::JetStreamOptions JetStreamForTests();
// One that serves.
std::unique_ptr<jetstream::JetStreamStore> OpenJetStream(
    const jetstream::JetStreamOptions& options);

// All streams of a store with that prefix, so that the servers of all tests have little to keep.
void DeleteStreams(const std::string& prefix);

}  // namespace daybook::test
