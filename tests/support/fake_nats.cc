#include "support/fake_nats.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "base/check.h"

namespace daybook::test {
namespace {

constexpr int kPollMs = 10;

void Send(int fd, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return;
    sent += static_cast<std::size_t>(n);
  }
}

std::vector<std::string> WordsOf(const std::string& line) {
  std::istringstream words(line);
  std::vector<std::string> found;
  for (std::string word; words >> word;) found.push_back(word);
  return found;
}

}  // namespace

FakeNats::FakeNats(Answers answers) : answers_(std::move(answers)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t bytes = sizeof address;
  CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), bytes) == 0 &&
            ::listen(listener_, SOMAXCONN) == 0 &&
            ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &bytes) == 0,
        "there is no port for a server");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

FakeNats::~FakeNats() {
  ends_ = true;
  acceptor_.join();
  ::close(listener_);
  CutAll();
  std::vector<std::thread> threads;
  {
    const MutexLock lock(mutex_);
    threads.swap(threads_);
  }
  for (std::thread& thread : threads) thread.join();
}

void FakeNats::CutAll() {
  const MutexLock lock(mutex_);
  for (const int fd : sockets_) ::shutdown(fd, SHUT_RDWR);
}

std::string FakeNats::Answer(const Message& message, const std::string& sid,
                             const std::string& data) {
  if (message.reply.empty()) return "";
  return "MSG " + message.reply + " " + sid + " " + std::to_string(data.size()) + "\r\n" + data +
         "\r\n";
}

void FakeNats::Accept() {
  while (!ends_) {
    pollfd watched{listener_, POLLIN, 0};
    if (::poll(&watched, 1, kPollMs) <= 0) continue;
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    ++connections_;
    const MutexLock lock(mutex_);
    sockets_.push_back(fd);
    threads_.emplace_back([this, fd] { Serve(fd); });
  }
}

void FakeNats::Serve(int fd) {
  if (!silent_)
    Send(fd,
         "INFO {\"server_id\":\"fake\",\"version\":\"2.12.0\",\"proto\":1,\"headers\":true,"
         "\"max_payload\":1048576}\r\n");
  std::string received;
  std::string sid;
  while (TakeLine(fd, received, sid)) {
  }
  const MutexLock lock(mutex_);
  std::erase(sockets_, fd);
  ::close(fd);
}

bool FakeNats::TakeLine(int fd, std::string& received, std::string& sid) {
  std::size_t end = 0;
  while ((end = received.find("\r\n")) == std::string::npos)
    if (!Receive(fd, received)) return false;
  const std::vector<std::string> words = WordsOf(received.substr(0, end));
  received.erase(0, end + 2);
  if (words.empty()) return true;
  if (words[0] == "PING" && !silent_) Send(fd, "PONG\r\n");
  if (words[0] == "SUB" && words[1].starts_with("_INBOX")) sid = words.back();
  if (words[0] != "PUB") return true;
  Message message{words[1], words.size() == 4 ? words[2] : "", ""};
  const std::size_t bytes = std::stoul(words.back());
  while (received.size() < bytes + 2)
    if (!Receive(fd, received)) return false;
  message.data = received.substr(0, bytes);
  received.erase(0, bytes + 2);
  if (!silent_) Send(fd, answers_(message, sid));
  return !cuts_after_this_.exchange(false);
}

bool FakeNats::Receive(int fd, std::string& received) {
  for (;;) {
    pollfd watched{fd, static_cast<short>(deaf_ ? 0 : POLLIN), 0};
    const int found = ::poll(&watched, 1, kPollMs);
    if (ends_ || (watched.revents & (POLLHUP | POLLERR)) != 0) return false;
    if (found > 0) break;
  }
  char buffer[65'536];
  const ssize_t n = ::recv(fd, buffer, sizeof buffer, 0);
  if (n <= 0) return false;
  received.append(buffer, static_cast<std::size_t>(n));
  return true;
}

}  // namespace daybook::test
