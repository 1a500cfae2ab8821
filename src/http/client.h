// An HTTP/1.1 client, for the program's own commands.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/waiter.h"
#include "http/client_socket.h"
#include "http/response_parser.h"

namespace daybook::http {

// Where a server listens: "http://HOST[:PORT]", with the port 80 where there is none.
struct ServerUrl {
  std::string host;  // a name or an address; of IPv6 without brackets
  std::string port;

  // kInvalidArgument: `text` is no such URL; one with a path but "/" is none either.
  static Result<ServerUrl> Parse(std::string_view text);
  // "HOST:PORT"
  std::string Authority() const;
};

struct ClientRequest {
  std::string_view method;
  std::string_view target;
  std::string_view body = {};  // empty: none
  std::vector<std::pair<std::string_view, std::string>> fields = {};
};

struct ClientResponse {
  unsigned code = 0;
  std::string body;
};

// Asks one server, one request after the other, over a connection that is kept while it can be, and
// made anew where not. Nothing is sent twice. One thread uses it.
//
// An error of any call is kUnavailable, says why, and closes the connection.
class Client {
 public:
  using Deadline = Waiter::Deadline;

  // A `token` that is not empty goes with each request, as Authorization: Bearer. `waiter` must
  // outlive the client.
  Client(ServerUrl server, const std::string& token, const Waiter& waiter);

  // Sends a request, and waits for no answer. One that was not read to its end is given up. By the
  // deadline there is to be a connection; then it is for as long as nothing more could be sent.
  // That a request was sent in part alone is no error yet, for its answer may say why.
  Status Send(const ClientRequest& request, Deadline deadline);
  // All of the last request was sent, so that the server may have done what it asks for.
  bool was_sent() const { return was_sent_; }
  // Waits for the answer's head, which lives until the next request.
  Result<const ResponseHead*> AwaitHead(Deadline deadline);
  // What of the body comes next; empty at its end.
  Result<std::string> ReadBody(Deadline deadline);
  // All of that, of which a body of more than 16 MiB is an error.
  Result<ClientResponse> Ask(const ClientRequest& request, Deadline deadline);

 private:
  Status Connect(Deadline deadline);
  // Reads once from the connection; `what` could not be done where that fails.
  Status Receive(const char* what, Deadline deadline);
  Status Failed(const char* what, const Status& why);

  const ServerUrl server_;
  const std::string authorization_;  // empty: none
  const Waiter& waiter_;
  std::optional<ClientSocket> socket_;
  std::unique_ptr<ResponseParser> answer_;  // of the last request
  Status send_failure_;                     // of it; there may be an answer all the same
  bool was_sent_ = false;
  std::vector<char> buffer_;
};

// Asks on a connection of its own, and waits for the whole answer.
Result<ClientResponse> Ask(const ServerUrl& server, const ClientRequest& request,
                           std::chrono::steady_clock::time_point deadline);

}  // namespace daybook::http
