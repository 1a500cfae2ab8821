// A small HTTP/1.1 client, for the program's own commands: one request, one answer, one connection.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/status.h"

namespace daybook::http {

// Where a server listens: "http://HOST[:PORT]", with the port 80 where there is none.
struct ServerUrl {
  std::string host;  // a name or an address; of IPv6 without brackets
  std::string port;

  // kInvalidArgument: `text` is no such URL; one with a path but "/" is none either.
  static Result<ServerUrl> Parse(std::string_view text);
};

struct ClientRequest {
  std::string_view method;
  std::string_view target;
  std::string_view body;  // empty: none
};

struct ClientResponse {
  unsigned code = 0;
  std::string body;
};

// Asks, and waits for the whole answer. kUnavailable: there is none by `deadline`, or none at all,
// and why.
Result<ClientResponse> Ask(const ServerUrl& server, const ClientRequest& request,
                           std::chrono::steady_clock::time_point deadline);

}  // namespace daybook::http
