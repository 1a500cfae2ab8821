#include "http/client.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace daybook::http {
namespace {

constexpr std::size_t kReceiveBytes = 256 << 10;
constexpr std::size_t kBodyBytesMax = 16 << 20;  // of an answer that is kept as a whole

bool IsPort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size();
}

// As it may be shown: who one is, and the password, are left out.
std::string Shown(std::string_view url) {
  const std::size_t at = url.rfind('@');
  if (at == std::string_view::npos) return "'" + std::string(url) + "'";
  const std::size_t slashes = url.find("://");
  const std::string_view scheme = slashes < at ? url.substr(0, slashes + 3) : std::string_view();
  return "'" + std::string(scheme) + "..." + std::string(url.substr(at)) + "'";
}

}  // namespace

Result<ServerUrl> ServerUrl::Parse(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  const std::string shown = Shown(text);
  if (text.starts_with("https://")) {
    return Status(StatusCode::kInvalidArgument,
                  shown + " is https, and daybook has no TLS; it is to be http://HOST[:PORT]");
  }
  const Status wrong(StatusCode::kInvalidArgument, shown + " is not http://HOST[:PORT]");
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
  const bool right =
      !url.host.empty() &&
      std::none_of(url.host.begin(), url.host.end(),
                   [](char c) {
                     return c <= ' ' || c == '\x7F' || c == '/' || c == '?' || c == '#' || c == '@';
                   }) &&
      (rest.empty() || rest.front() == ':') && IsPort(url.port);
  if (!right) return wrong;
  return url;
}

std::string ServerUrl::Authority() const {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
}

Client::Client(ServerUrl server, const std::string& token, const Waiter& waiter)
    : server_(std::move(server)),
      authorization_(token.empty() ? "" : "Bearer " + token),
      waiter_(waiter),
      buffer_(kReceiveBytes) {}

Status Client::Failed(const char* what, const Status& why) {
  socket_.reset();
  answer_.reset();
  return {StatusCode::kUnavailable,
          std::string("cannot ") + what + " " + server_.Authority() + ": " + why.message()};
}

Status Client::Connect(Deadline deadline) {
  // What is sent behind half a body would be taken for the rest of it.
  const bool is_free =
      answer_ == nullptr || (answer_->is_done() && answer_->keep_alive() && send_failure_.ok());
  if (socket_ && is_free && !socket_->IsStale()) return {};
  Result<ClientSocket> socket = ClientSocket::Connect(server_, waiter_, deadline);
  if (!socket.ok()) return Failed("connect to", socket.status());
  socket_ = std::move(*socket);
  return {};
}

Status Client::Send(const ClientRequest& request, Deadline deadline) {
  was_sent_ = false;
  if (Status status = Connect(deadline); !status.ok()) return status;
  std::string head;
  head.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\n");
  const auto field = [&head](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  field("Host", server_.Authority());
  if (!authorization_.empty()) field("Authorization", authorization_);
  for (const auto& [name, value] : request.fields) field(name, value);
  const bool has_body =
      !request.body.empty() || request.method == "POST" || request.method == "PUT";
  if (has_body) field("Content-Length", std::to_string(request.body.size()));
  head.append("\r\n");
  // A small body goes with the head, in one packet.
  constexpr std::size_t kSmallBytes = 16 << 10;
  const bool together = request.body.size() <= kSmallBytes;
  if (together) head.append(request.body);
  answer_ = std::make_unique<ResponseParser>();
  send_failure_ = socket_->Send(head, deadline);
  if (send_failure_.ok() && !together) send_failure_ = socket_->Send(request.body, deadline);
  was_sent_ = send_failure_.ok();
  return {};
}

Status Client::Receive(const char* what, Deadline deadline) {
  const Result<std::size_t> received = socket_->Receive(buffer_.data(), buffer_.size(), deadline);
  if (!received.ok()) return Failed(what, received.status());
  const Status parsed =
      *received == 0 ? answer_->PutEnd() : answer_->Put({buffer_.data(), *received});
  return parsed.ok() ? Status() : Failed(what, parsed);
}

Result<const ResponseHead*> Client::AwaitHead(Deadline deadline) {
  // Who refuses a body may answer and close before all of it was sent.
  while (!answer_->has_head()) {
    const Status unsent = send_failure_;
    Status status = Receive("read the answer of", deadline);
    if (!status.ok()) return unsent.ok() ? status : Failed("send to", unsent);
  }
  return &answer_->head();
}

Result<std::string> Client::ReadBody(Deadline deadline) {
  for (;;) {
    std::string body = answer_->TakeBody();
    if (!body.empty() || answer_->is_done()) return body;
    if (Status status = Receive("read the answer of", deadline); !status.ok()) return status;
  }
}

Result<ClientResponse> Client::Ask(const ClientRequest& request, Deadline deadline) {
  if (Status status = Send(request, deadline); !status.ok()) return status;
  const Result<const ResponseHead*> head = AwaitHead(deadline);
  if (!head.ok()) return head.status();
  ClientResponse response{(*head)->code, {}};
  for (;;) {
    const Result<std::string> part = ReadBody(deadline);
    if (!part.ok()) return part.status();
    if (part->empty()) return response;
    response.body += *part;
    if (response.body.size() > kBodyBytesMax)
      return Failed("read the answer of", Status(StatusCode::kUnavailable, "it is too large"));
  }
}

Result<ClientResponse> Ask(const ServerUrl& server, const ClientRequest& request,
                           std::chrono::steady_clock::time_point deadline) {
  const Waiter waiter;
  return Client(server, "", waiter).Ask(request, deadline);
}

}  // namespace daybook::http
