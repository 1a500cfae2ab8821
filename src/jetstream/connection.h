// Connection is the engine's one connection to NATS: requests whose answers come later,
// subscriptions, and what is known of its state. It connects, and connects again, by itself.
//
// Nothing but AskAndWait() waits: what is sent goes through a queue that one thread empties, so
// that a server which reads slowly holds up nobody who asks. While there is no connection nothing
// is kept to be sent later, since an append that was given up must not come to be. Thread-safe.
// Receivers and handlers run on one thread, one after another, and must neither block nor throw; a
// receiver of a request that failed may run on others.
#pragma once

#include <nats/nats.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/unique_function.h"
#include "jetstream/message.h"

namespace daybook::jetstream {

struct ConnectionOptions {
  std::string url;  // "nats://a:4222,nats://b:4222"; tls:// for TLS
  std::string name;
  std::string user;
  std::string password;
  std::string credentials_file;
  std::string nkey;  // the public one
  std::string nkey_seed_file;
  std::string tls_ca_file;
  std::string tls_certificate_file;
  std::string tls_key_file;
};

class Connection {
 public:
  using Clock = std::chrono::steady_clock;
  // Is given each answer until it returns true: it was the last one. In the place of an answer, and
  // as the last: kUnavailable, nothing was sent; kUnknownOutcome, it was, and by the deadline, or
  // since the connection was lost, there is no answer.
  using Receiver = UniqueFunction<bool(Result<Incoming>)>;
  using Handler = std::function<void(const Incoming&)>;

  // Tries to connect until it is closed. kInvalidArgument: an option is wrong.
  static Result<std::unique_ptr<Connection>> Open(const ConnectionOptions& options);
  // Closes it.
  ~Connection();

  // `group`: what Hurry() knows the request by.
  void Ask(Outgoing message, std::chrono::milliseconds timeout, Receiver receiver,
           const void* group = nullptr);
  // Of several messages, sent one behind the other, of which the last one asks.
  void Ask(std::vector<Outgoing> messages, std::chrono::milliseconds timeout, Receiver receiver,
           const void* group = nullptr);
  // Gives up the requests of that group which are not answered very soon.
  void Hurry(const void* group);
  // Of one answer. Not on the thread of receivers.
  Result<Incoming> AskAndWait(Outgoing message, std::chrono::milliseconds timeout);

  // From when there is a connection, and on each one that is made later. To be called before
  // anything is asked for.
  void Subscribe(std::string subject, Handler handler);

  bool connected() const;
  // How often it was connected.
  std::uint64_t connects() const;
  // Why it is not connected.
  std::string last_error() const;
  // Of a message's headers and data, as the server says; 0: it was never connected.
  std::uint64_t payload_bytes_max() const;
  // Requests that were not answered in time.
  std::uint64_t timeouts() const;

  // Runs every receiver that is still owed with kUnavailable or kUnknownOutcome; what is asked
  // later is answered kUnavailable. Returns when none runs any more, so not on their thread.
  void Close();

 private:
  class Core;
  explicit Connection(std::shared_ptr<Core> core) : core_(std::move(core)) {}

  const std::shared_ptr<Core> core_;  // shared with the callbacks of cnats
};

}  // namespace daybook::jetstream
