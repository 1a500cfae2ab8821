// StreamApi asks the JetStream API about streams. What it asks, but for Direct(), goes to the
// stream's leader. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/unique_function.h"
#include "jetstream/api_text.h"
#include "jetstream/connection.h"

namespace daybook::jetstream {

// What any replica of a stream gave.
struct DirectBatch {
  std::vector<Incoming> messages;
  std::uint64_t up_to_sequence = 0;  // of many last ones: where the stream ended there
};

class StreamApi {
 public:
  using InfoDone = UniqueFunction<void(Result<StreamInfo>)>;
  using MessageDone = UniqueFunction<void(Result<StoredMessage>)>;
  using DirectDone = UniqueFunction<void(Result<DirectBatch>)>;

  // `connection` outlives it. Each request has `timeout`.
  StreamApi(Connection& connection, std::chrono::milliseconds timeout)
      : connection_(connection), timeout_(timeout) {}

  // kLogDeleted: there is no such stream. kNotFound: there is no such message. kUnavailable: it
  // could not be told.
  void Info(const std::string& stream, InfoDone done);
  void Get(const std::string& stream, std::uint64_t sequence, MessageDone done);
  // The messages that `request` asks for, which is JSON and has a `batch` or `multi_last`. None:
  // the replica has none of them.
  void Direct(const std::string& stream, std::string request, DirectDone done);

  // These wait, and say the same. `subjects`: which are to be counted, none where it is empty.
  Result<StreamInfo> InfoAndWait(const std::string& stream, const std::string& subjects = "");
  Result<StoredMessage> GetLastAndWait(const std::string& stream, const std::string& subject);
  // The first one that was stored at `time` or later.
  Result<StoredMessage> GetFromAndWait(const std::string& stream, Timestamp time);
  Result<DirectBatch> DirectAndWait(const std::string& stream, std::string request);

  // These wait, too. kNoSpace; kUnknownOutcome: it may have been done.
  Result<StreamInfo> CreateAndWait(const StreamSpec& spec);
  Result<StreamInfo> UpdateAndWait(const std::string& stream, std::string config);
  Status DeleteAndWait(const std::string& stream);
  // Takes the messages of that subject, or those below a sequence.
  Status PurgeSubjectAndWait(const std::string& stream, const std::string& subject);
  Status PurgeBeforeAndWait(const std::string& stream, std::uint64_t before);

 private:
  // Asks again where nobody answers in half of the time: a server that has just lost the stream, or
  // its lead, does not.
  void Ask(const std::string& subject, const std::string& request, int tries,
           UniqueFunction<void(const Result<Incoming>&)> done);
  // `request` changes something.
  Result<std::string> ChangeAndWait(const std::string& subject, std::string request);
  Result<std::string> AskAndWait(const std::string& subject, const std::string& request);

  Connection& connection_;
  const std::chrono::milliseconds timeout_;
};

}  // namespace daybook::jetstream
