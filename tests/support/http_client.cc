#include "support/http_client.h"

#include <arpa/inet.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace daybook::test {
namespace {

using Clock = std::chrono::steady_clock;

bool WaitFor(int fd, short events, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return false;
    pollfd polled{fd, events, 0};
    const int ready = ::poll(&polled, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

}  // namespace

std::string Reply::Field(const std::string& name) const {
  const auto found = fields.find(name);
  return found == fields.end() ? "" : found->second;
}

HttpClient::HttpClient(std::uint16_t port, int receive_buffer_bytes)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer_bytes > 0) {
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  }
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd_ < 0 || ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect to the server under test");
  }
}

HttpClient::HttpClient(HttpClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      ended_(other.ended_),
      end_errno_(other.end_errno_),
      input_(std::move(other.input_)) {}

HttpClient::~HttpClient() {
  if (fd_ >= 0) ::close(fd_);
}

bool HttpClient::Send(std::string_view bytes) {
  const auto deadline = Clock::now() + kPatience;
  while (!bytes.empty()) {
    const std::size_t sent = SendSome(bytes);
    bytes.remove_prefix(sent);
    if (sent == 0 && (errno != EAGAIN || !WaitFor(fd_, POLLOUT, deadline))) return false;
  }
  return true;
}

std::size_t HttpClient::SendSome(std::string_view bytes) {
  const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

void HttpClient::HalfClose() { ::shutdown(fd_, SHUT_WR); }

void HttpClient::Reset() {
  const linger reset{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  ::close(std::exchange(fd_, -1));
}

bool HttpClient::Fill(Clock::time_point deadline) {
  if (ended_ || !WaitFor(fd_, POLLIN, deadline)) return false;
  char buffer[65536];
  const ssize_t received = ::recv(fd_, buffer, sizeof buffer, 0);
  if (received <= 0) {
    ended_ = true;
    end_errno_ = received < 0 ? errno : 0;
    return false;
  }
  input_.append(buffer, static_cast<std::size_t>(received));
  return true;
}

std::optional<Reply> HttpClient::Read(bool to_head, std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  std::size_t head_bytes = 0;
  while ((head_bytes = input_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill(deadline)) return std::nullopt;
  }
  Reply reply;
  if (input_.compare(0, 9, "HTTP/1.1 ") != 0) return std::nullopt;
  reply.status = std::stoi(input_.substr(9, 3));
  std::size_t at = input_.find("\r\n") + 2;
  while (at < head_bytes) {
    const std::size_t end = input_.find("\r\n", at);
    const std::size_t colon = input_.find(": ", at);
    if (colon == std::string::npos || colon > end) return std::nullopt;
    std::string name = input_.substr(at, colon - at);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    if (!reply.fields.emplace(name, input_.substr(colon + 2, end - colon - 2)).second)
      return std::nullopt;
    at = end + 2;
  }
  input_.erase(0, head_bytes + 4);
  if (to_head || reply.status == 204 || reply.status == 304 || reply.status / 100 == 1)
    return reply;
  const bool chunked = reply.Field("transfer-encoding") == "chunked";
  if (chunked == (reply.fields.count("content-length") > 0)) return std::nullopt;
  const bool whole =
      chunked ? TakeChunks(reply.body, deadline)
              : TakeBytes(std::stoul(reply.fields.at("content-length")), reply.body, deadline);
  return whole ? std::optional(reply) : std::nullopt;
}

std::optional<std::string> HttpClient::TakeLine(Clock::time_point deadline) {
  std::size_t end = 0;
  while ((end = input_.find("\r\n")) == std::string::npos) {
    if (!Fill(deadline)) return std::nullopt;
  }
  std::string line = input_.substr(0, end);
  input_.erase(0, end + 2);
  return line;
}

bool HttpClient::TakeBytes(std::size_t bytes, std::string& to, Clock::time_point deadline) {
  while (input_.size() < bytes) {
    if (!Fill(deadline)) return false;
  }
  to.append(input_, 0, bytes);
  input_.erase(0, bytes);
  return true;
}

bool HttpClient::TakeChunks(std::string& to, Clock::time_point deadline) {
  for (;;) {
    const auto size = TakeLine(deadline);
    if (!size || size->empty() || size->find_first_not_of("0123456789abcdef") != std::string::npos)
      return false;
    const std::size_t bytes = std::stoul(*size, nullptr, 16);
    if (!TakeBytes(bytes, to, deadline) || TakeLine(deadline) != "") return false;
    if (bytes == 0) return true;
  }
}

std::string HttpClient::ReadSome(std::size_t bytes, std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  while (input_.size() < bytes && Fill(deadline)) {
  }
  std::string read = input_.substr(0, bytes);
  input_.erase(0, read.size());
  return read;
}

std::string HttpClient::ReadThrough(std::string_view last, std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  std::size_t looked = 0;
  std::size_t found = 0;
  while ((found = input_.find(last, looked)) == std::string::npos) {
    looked = input_.size() - std::min(input_.size(), last.size());
    if (!Fill(deadline)) return std::exchange(input_, {});
  }
  std::string read = input_.substr(0, found + last.size());
  input_.erase(0, read.size());
  return read;
}

std::string HttpClient::ReadMore(std::chrono::milliseconds patience) {
  if (input_.empty()) Fill(Clock::now() + patience);
  return std::exchange(input_, {});
}

std::optional<std::string> HttpClient::ReadToEnd(std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  while (Fill(deadline)) {
  }
  if (!ended_) return std::nullopt;
  return std::exchange(input_, {});
}

bool HttpClient::StaysSilent(std::chrono::milliseconds span) {
  return input_.empty() && !WaitFor(fd_, POLLIN, Clock::now() + span);
}

std::string HttpClient::state() const {
  std::string state = std::to_string(input_.size()) + " bytes unread, ";
  if (!ended_) return state.append("open");
  return state.append("ended: ").append(end_errno_ == 0 ? "by the server"
                                                        : std::strerror(end_errno_));
}

std::string Get(std::string_view target, std::string_view fields) {
  std::string request = "GET ";
  return request.append(target).append(" HTTP/1.1\r\nHost: test\r\n").append(fields).append("\r\n");
}

std::string Post(std::string_view target, std::string_view body, std::string_view fields) {
  std::string request = "POST ";
  return request.append(target)
      .append(" HTTP/1.1\r\nHost: test\r\nContent-Length: ")
      .append(std::to_string(body.size()))
      .append("\r\n")
      .append(fields)
      .append("\r\n")
      .append(body);
}

std::size_t ResidentBytes() {
  ::malloc_trim(0);
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace daybook::test
