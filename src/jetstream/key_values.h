// KeyValues is a stream that keeps the last value of each key, a subject. A value has a revision,
// the sequence of its message, which is larger than any before. All is asked of the stream's
// leader, or of a replica that is as far as that is. Every call waits. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "jetstream/connection.h"
#include "jetstream/stream_api.h"

namespace daybook::jetstream {

struct Value {
  std::optional<std::string> text;  // none: there is none, or it was deleted
  std::uint64_t revision = 0;       // 0: there never was one, or it is long deleted
};

class KeyValues {
 public:
  // `connection` and `api` outlive it.
  KeyValues(Connection& connection, StreamApi& api, std::string stream,
            std::chrono::milliseconds timeout)
      : connection_(connection), api_(api), stream_(std::move(stream)), timeout_(timeout) {}

  // kUnavailable.
  Result<Value> Get(const std::string& key);
  // Those of them that have a value.
  Result<std::map<std::string, Value>> GetAll(const std::vector<std::string>& keys);
  // By name, those that were lately deleted among them.
  Result<std::vector<std::string>> Keys(const std::string& filter);

  // Gives the key that value, or none, if it has that revision; returns the new one.
  // kConditionFailed, kUnavailable, kUnknownOutcome.
  Result<std::uint64_t> Put(const std::string& key, const std::string& text,
                            std::uint64_t revision);
  Result<std::uint64_t> Delete(const std::string& key, std::uint64_t revision);
  // Forgets what `filter` names, with all that was deleted there.
  Status Forget(const std::string& filter) { return api_.PurgeSubjectAndWait(stream_, filter); }

  // That a message has which deletes its key.
  static constexpr const char* kDeletedHeader = "Daybook-Deleted";

 private:
  Result<std::map<std::string, Value>> GetSome(const std::vector<std::string>& keys,
                                               std::uint64_t at_least);
  Result<std::uint64_t> Publish(Outgoing message, std::uint64_t revision);

  Connection& connection_;
  StreamApi& api_;
  const std::string stream_;
  const std::chrono::milliseconds timeout_;
};

}  // namespace daybook::jetstream
