#include "jetstream/key_values.h"

#include <algorithm>
#include <span>
#include <thread>
#include <utility>

#include "base/json_text.h"

namespace daybook::jetstream {
namespace {

using std::chrono::milliseconds;

// A deleted key is remembered that long, so that its revisions are seen to go on.
constexpr const char* kDeletionLifetime = "1h";
// How many last values NATS gives at once.
constexpr std::size_t kKeysPerRequest = 1'000;
// How a replica is waited for that is behind the leader.
constexpr milliseconds kReplicaWait{20};
constexpr int kReplicaTries = 100;
constexpr int kNoneTries = 10;  // that has none of the keys
// How a leader is waited for.
constexpr milliseconds kLeaderWait{50};
constexpr int kLeaderTries = 40;

std::string LastOf(std::span<const std::string> keys) {
  std::string request = R"({"multi_last":[)";
  for (const std::string& key : keys) {
    if (&key != keys.data()) request.push_back(',');
    AppendJsonString(request, key);
  }
  return request + "]}";
}

}  // namespace

Result<Value> KeyValues::Get(const std::string& key) {
  const Result<StoredMessage> message = api_.GetLastAndWait(stream_, key);
  if (message.status().code() == StatusCode::kNotFound) return Value{};
  if (!message.ok()) return Status(StatusCode::kUnavailable, message.status().message());
  if (message->Header(kDeletedHeader)) return Value{std::nullopt, message->sequence};
  return Value{message->data, message->sequence};
}

Result<std::map<std::string, Value>> KeyValues::GetAll(const std::vector<std::string>& keys) {
  std::map<std::string, Value> values;
  if (keys.empty()) return values;
  const Result<StreamInfo> info = api_.InfoAndWait(stream_);
  if (!info.ok()) return Status(StatusCode::kUnavailable, info.status().message());
  for (std::size_t begin = 0; begin < keys.size(); begin += kKeysPerRequest) {
    const auto first = keys.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto count = std::min(kKeysPerRequest, keys.size() - begin);
    auto some = GetSome({first, first + static_cast<std::ptrdiff_t>(count)}, info->last_sequence);
    if (!some.ok()) return some.status();
    values.merge(*some);
  }
  return values;
}

// From a replica that has what the stream had with the sequence `at_least`.
Result<std::map<std::string, Value>> KeyValues::GetSome(const std::vector<std::string>& keys,
                                                        std::uint64_t at_least) {
  bool none = false;
  for (int tries = 0; tries < (none ? kNoneTries : kReplicaTries); ++tries) {
    Result<DirectBatch> batch = api_.DirectAndWait(stream_, LastOf(keys));
    if (!batch.ok()) return batch.status();
    // Of no keys a replica does not say how far it is.
    none = batch->messages.empty();
    if (none || batch->up_to_sequence < at_least) {
      std::this_thread::sleep_for(kReplicaWait);
      continue;
    }
    std::map<std::string, Value> values;
    for (const Incoming& message : batch->messages) {
      if (message.Header(kDeletedHeader)) continue;
      values[std::string(message.Header("Nats-Subject").value_or(""))] = {
          std::string(message.data()), message.NumberHeader("Nats-Sequence").value_or(0)};
    }
    return values;
  }
  if (none) return std::map<std::string, Value>();
  return Status(StatusCode::kUnavailable, "the replicas of " + stream_ + " are behind its leader");
}

Result<std::vector<std::string>> KeyValues::Keys(const std::string& filter) {
  const Result<StreamInfo> info = api_.InfoAndWait(stream_, filter);
  if (!info.ok()) return Status(StatusCode::kUnavailable, info.status().message());
  std::vector<std::string> keys;
  for (const auto& [key, messages] : info->subjects) keys.push_back(key);
  return keys;
}

Result<std::uint64_t> KeyValues::Put(const std::string& key, const std::string& text,
                                     std::uint64_t revision) {
  return Publish({key, {}, text}, revision);
}

Result<std::uint64_t> KeyValues::Delete(const std::string& key, std::uint64_t revision) {
  return Publish({key, {{kDeletedHeader, "1"}, {"Nats-TTL", kDeletionLifetime}}, ""}, revision);
}

Result<std::uint64_t> KeyValues::Publish(Outgoing message, std::uint64_t revision) {
  message.headers.emplace_back("Nats-Expected-Stream", stream_);
  message.headers.emplace_back("Nats-Expected-Last-Subject-Sequence", std::to_string(revision));
  Result<Incoming> answer = connection_.AskAndWait(message, timeout_);
  // While there is no leader nothing is stored.
  for (int tries = 0; answer.ok() && answer->no_responders(); ++tries) {
    if (tries == kLeaderTries)
      return Status(StatusCode::kUnavailable, "the stream " + stream_ + " has no leader");
    std::this_thread::sleep_for(kLeaderWait);
    answer = connection_.AskAndWait(message, timeout_);
  }
  if (!answer.ok()) return answer.status();
  const Result<PublishAnswer> published = ParsePublishAnswer(answer->data());
  if (!published.ok()) return Status(StatusCode::kUnknownOutcome, published.status().message());
  if (!published->error) return published->sequence;
  const int code = published->error->code;
  if (code == kWrongLastSequence || code == kWrongLastSequenceConstant)
    return Status(StatusCode::kConditionFailed, published->error->description);
  const Status refused = StatusOf(*published->error);
  if (refused.code() == StatusCode::kNoSpace) return refused;
  return Status(StatusCode::kUnknownOutcome, refused.message());
}

}  // namespace daybook::jetstream
