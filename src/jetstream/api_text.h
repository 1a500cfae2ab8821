// The JSON of the JetStream API: what is asked, and what its answers say. The names of members are
// those of the server's own documentation; members that are not named here are kept as they are.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/types.h"
#include "log/log.h"

namespace daybook::jetstream {

// The numbers of the errors that mean something here.
enum ApiErrorCode : int {
  kResourcesExceeded = 10002,
  kInsufficientResources = 10023,
  kTooManyStreams = 10027,
  kMemoryExceeded = 10028,
  kNoMessageFound = 10037,
  kStorageExceeded = 10047,
  kMessageTooLarge = 10054,
  kStreamNotFound = 10059,
  kWrongLastSequence = 10071,
  kStoreFailed = 10077,
  kHeaderTooLarge = 10097,
  kDuplicateInProcess = 10158,
  kWrongLastSequenceConstant = 10164,
  kTooManyRequests = 10167,
  kBatchIncomplete = 10176,
  kBatchTooLarge = 10199,
  kBatchHasDuplicate = 10201,
  kTooManyBatches = 10210,
};

struct ApiError {
  int code = 0;  // one of ApiErrorCode, or another
  std::string description;
};

// kLogDeleted: there is no such stream. kNotFound: there is no such message. kNoSpace.
// kUnavailable: all else.
Status StatusOf(const ApiError& error);

// To a message that was published.
struct PublishAnswer {
  std::optional<ApiError> error;
  std::string stream;
  std::uint64_t sequence = 0;  // of the last message of a batch
  std::uint64_t count = 0;     // of the messages of a batch; 0: it is of none
  bool duplicate = false;
};
// kDamaged: it is no such answer.
Result<PublishAnswer> ParsePublishAnswer(std::string_view text);

// Several times as long as a leader lets a replica be silent.
inline constexpr std::chrono::milliseconds kSilence{5'000};

struct Replica {
  std::string name;
  bool silent = false;    // the leader has not heard of it for kSilence, or since it leads
  std::uint64_t lag = 0;  // in operations
};

struct StreamInfo {
  std::string name;
  std::map<std::string, std::string> metadata;
  Timestamp created;
  std::uint64_t bytes = 0;
  std::uint64_t first_sequence = 0;
  std::uint64_t last_sequence = 0;
  Timestamp last_time;
  std::map<std::string, std::uint64_t> subjects;  // that were asked for, and their messages
  std::string leader;                             // "": there is no cluster
  std::vector<Replica> followers;

  log::Retention retention;
  std::chrono::milliseconds duplicate_window{0};
  std::uint64_t replicas = 0;
  // What is set there against the promises that daybook makes, as "storage must be file": empty,
  // nothing is. Replicas and syncing are another matter.
  std::vector<std::string> misfits;
  std::string config;  // as JSON
};
// An error of the API is a Status as StatusOf() says. kUnavailable: the stream has no leader, and
// who answered knows no more than itself.
Result<StreamInfo> ParseStreamInfo(std::string_view text);

// A message that the leader of its stream was asked for.
struct StoredMessage {
  std::string subject;
  std::uint64_t sequence = 0;
  Timestamp time;
  std::string headers;  // as they are on the wire
  std::string data;

  // None: there is no such header.
  std::optional<std::string> Header(std::string_view name) const;
};
Result<StoredMessage> ParseStoredMessage(std::string_view text);

// Of an answer that says no more than that something was done.
Status ParseDone(std::string_view text);

// What a stream is made with.
struct StreamSpec {
  std::string name;
  std::string description;
  std::vector<std::string> subjects;
  std::map<std::string, std::string> metadata;
  std::uint64_t replicas = 3;
  log::Retention retention;
  std::chrono::milliseconds duplicate_window{0};
  std::string republish_from;
  std::string republish_to;
  bool republish_headers_only = true;
  bool last_of_each_subject = false;  // one message a subject, with a time to live where it has one
};
std::string CreateText(const StreamSpec& spec);
// `config` with another retention.
std::string UpdateText(const std::string& config, const log::Retention& retention,
                       std::chrono::milliseconds duplicate_window);

}  // namespace daybook::jetstream
