// bench_floor --port N --threads N --value-bytes N: the least that an HTTP exchange costs here.
//
// A server that finds where each request ends and answers it with fixed bytes, as many as daybook
// would send, and does nothing else: no routing, no JSON, no log, no time-outs. Each connection
// belongs to one of the threads; each thread has its own epoll. Not for anything but measuring.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "listen.h"

namespace {

constexpr std::size_t kHeaderBytesMax = 65'536;

struct Connection {
  int fd;
  std::string header;    // what came of one that is incomplete
  std::size_t body = 0;  // bytes of a body that are still to come
  bool answered = true;  // the request whose body is to come
  bool is_append = false;
};

std::string AnswerOf(const std::string& extra, const std::string& body) {
  return "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Type: application/json"
         "\r\nCache-Control: no-store\r\nX-Request-Id: 0123456789abc\r\n" +
         extra + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct Answers {
  std::string append = AnswerOf("Durability: memory\r\n", "{\"offset\":1000}\n");
  std::string read;
};

std::size_t ContentLength(std::string_view header) {
  constexpr std::string_view kName = "\r\ncontent-length:";
  for (std::size_t at = header.find("\r\n"); at + kName.size() < header.size();
       at = header.find("\r\n", at + 2)) {
    if (strncasecmp(header.data() + at, kName.data(), kName.size()) == 0) {
      return std::strtoull(header.data() + at + kName.size(), nullptr, 10);
    }
  }
  return 0;
}

// Takes all of `bytes` and adds the answers that they call for. False: not HTTP, or too much of it.
bool Take(Connection& connection, std::string_view bytes, const Answers& answers,
          std::string& out) {
  std::string joined;
  for (;;) {
    const std::size_t skipped = std::min(connection.body, bytes.size());
    bytes.remove_prefix(skipped);
    connection.body -= skipped;
    if (connection.body > 0) return true;
    if (!connection.answered) out += connection.is_append ? answers.append : answers.read;
    connection.answered = true;
    if (bytes.empty()) return true;
    if (!connection.header.empty()) {
      joined = std::move(connection.header);
      joined += bytes;
      connection.header.clear();
      bytes = joined;
    }
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) {
      connection.header = std::string(bytes);
      return connection.header.size() <= kHeaderBytesMax;
    }
    const std::string_view header = bytes.substr(0, end + 4);
    connection.is_append = header.front() == 'P';
    connection.body = ContentLength(header);
    connection.answered = false;
    bytes.remove_prefix(header.size());
  }
}

bool SendAll(int fd, std::string_view out) {
  while (!out.empty()) {
    const ssize_t sent = send(fd, out.data(), out.size(), MSG_NOSIGNAL);
    if (sent > 0) out.remove_prefix(static_cast<std::size_t>(sent));
    pollfd writable{fd, POLLOUT, 0};
    if (sent < 0 && (errno != EAGAIN || poll(&writable, 1, 5000) != 1)) return false;
  }
  return true;
}

void Serve(int epoll, const Answers& answers) {
  std::array<epoll_event, 256> events;
  std::vector<char> buffer(kHeaderBytesMax);
  std::string out;
  for (;;) {
    const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      auto* const connection =
          static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      const ssize_t got = recv(connection->fd, buffer.data(), buffer.size(), 0);
      out.clear();
      if (got <= 0 ||
          !Take(*connection, {buffer.data(), static_cast<std::size_t>(got)}, answers, out) ||
          !SendAll(connection->fd, out)) {
        close(connection->fd);
        delete connection;
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  int port = 0, threads = 2, value_bytes = 23;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    (name == "--port"      ? port
     : name == "--threads" ? threads
                           : value_bytes) = std::atoi(argv[i + 1]);
  }
  const std::string value(static_cast<std::size_t>(value_bytes + 2) / 3 * 4, 'A');
  Answers answers;
  answers.read = AnswerOf("", "{\"record\":{\"value\":\"" + value + "\",\"offset\":100}}\n");
  std::vector<int> epolls;
  for (int i = 0; i < threads; ++i) {
    epolls.push_back(epoll_create1(0));
    std::thread(Serve, epolls.back(), std::cref(answers)).detach();
  }
  const int listener = ListenOnLoopback(port, 4096);
  if (listener < 0) {
    std::perror("bench_floor");
    std::_Exit(1);  // the threads run
  }
  for (std::size_t turn = 0;; ++turn) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
    if (fd < 0) continue;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = new Connection{fd, {}};
    epoll_ctl(epolls[turn % epolls.size()], EPOLL_CTL_ADD, fd, &event);
  }
}
