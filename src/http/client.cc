#include "http/client.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <exception>

namespace daybook::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

constexpr std::uint64_t kBodyBytesMax = 64 << 20;

bool IsPort(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Runs what `start` begins, and which ends by `deadline`, to its end.
template <typename Start>
beast::error_code Complete(asio::io_context& io, std::chrono::steady_clock::time_point deadline,
                           Start start) {
  beast::error_code result = beast::error::timeout;
  start([&result](beast::error_code error, auto&&...) { result = error; });
  io.restart();
  io.run_until(deadline);
  return result;
}

Result<ClientResponse> AskServer(const ServerUrl& server, const ClientRequest& request,
                                 std::chrono::steady_clock::time_point deadline) {
  asio::io_context io;
  beast::tcp_stream stream(io);
  stream.expires_at(deadline);
  const auto failed = [&](const char* what, const beast::error_code& error) {
    return Status(StatusCode::kUnavailable, std::string("cannot ") + what + " " + server.host +
                                                ":" + server.port + ": " + error.message());
  };

  asio::ip::tcp::resolver resolver(io);
  beast::error_code error;
  const auto endpoints = resolver.resolve(server.host, server.port, error);
  if (error) return failed("find", error);
  error =
      Complete(io, deadline, [&](auto done) { stream.async_connect(endpoints, std::move(done)); });
  if (error) return failed("connect to", error);

  beast::http::request<beast::http::string_body> question;
  question.method_string({request.method.data(), request.method.size()});
  question.target({request.target.data(), request.target.size()});
  question.version(11);
  question.set(beast::http::field::host, server.host + ":" + server.port);
  question.set(beast::http::field::connection, "close");
  question.body() = request.body;
  question.prepare_payload();
  error = Complete(io, deadline,
                   [&](auto done) { beast::http::async_write(stream, question, std::move(done)); });
  if (error) return failed("send to", error);

  beast::flat_buffer buffer;
  beast::http::response_parser<beast::http::string_body> answer;
  answer.body_limit(kBodyBytesMax);
  error = Complete(io, deadline, [&](auto done) {
    beast::http::async_read(stream, buffer, answer, std::move(done));
  });
  if (error) return failed("read the answer of", error);
  return ClientResponse{answer.get().result_int(), std::move(answer.get().body())};
}

}  // namespace

Result<ServerUrl> ServerUrl::Parse(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  const Status wrong(StatusCode::kInvalidArgument,
                     "'" + std::string(text) + "' is not http://HOST[:PORT]");
  if (!text.starts_with(kScheme)) return wrong;
  std::string_view rest = text.substr(kScheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  ServerUrl url;
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) return wrong;
    url.host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
  } else {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    url.host = rest.substr(0, end);
    rest.remove_prefix(end);
  }
  url.port = rest.empty() ? "80" : rest.substr(1);
  const bool right = !url.host.empty() && url.host.find_first_of("/?#@ ") == std::string::npos &&
                     (rest.empty() || rest.front() == ':') && IsPort(url.port);
  if (!right) return wrong;
  return url;
}

Result<ClientResponse> Ask(const ServerUrl& server, const ClientRequest& request,
                           std::chrono::steady_clock::time_point deadline) {
  try {
    return AskServer(server, request, deadline);
  } catch (const std::exception& failure) {
    return Status(StatusCode::kUnavailable, failure.what());
  }
}

}  // namespace daybook::http
