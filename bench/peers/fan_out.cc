// bench_fan_out --port N --threads N --value-bytes N: the least that events to many followers cost
// here.
//
// A server that answers each POST with the next offset and writes an event of as many bytes as
// daybook's, fixed but for that number, to every connection that has sent a GET. The text of all
// events is one; each of the threads goes over its own connections, one send for all that is new
// to each, when there is something, and then to its epoll again. No routing, no JSON, no log, no
// time-outs. Not for anything but measuring.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "listen.h"

namespace {

constexpr std::size_t kTextBytesMax = std::size_t{1} << 30;
constexpr std::size_t kSendBytesMax = 64 << 10;

// Each event in a chunk of its own. Only its room is taken at first, so that it never moves.
class Events {
 public:
  explicit Events(std::size_t value_bytes) : value_((value_bytes + 2) / 3 * 4, 'A') {
    text_.reserve(kTextBytesMax);
  }

  // Any thread; returns its offset.
  std::uint64_t Add() {
    const std::scoped_lock lock(mutex_);
    const std::string number = std::to_string(next_);
    const std::string event = "id: " + number + "\nevent: record\ndata: {\"offset\":" + number +
                              R"(,"timestamp":"1970-01-01T00:00:00.000Z","value":")" + value_ +
                              "\"}\n\n";
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", event.size());
    if (text_.size() + event.size() + sizeof size + 2 > kTextBytesMax) std::_Exit(1);
    text_ += size;
    text_ += event;
    text_ += "\r\n";
    bytes_.store(text_.size(), std::memory_order_release);
    return next_++;
  }

  std::size_t bytes() const { return bytes_.load(std::memory_order_acquire); }
  std::string_view From(std::size_t position) const {
    return {text_.data() + position, std::min(bytes() - position, kSendBytesMax)};
  }

 private:
  const std::string value_;
  std::mutex mutex_;
  std::uint64_t next_ = 0;
  std::string text_;
  std::atomic<std::size_t> bytes_{0};
};

struct Connection {
  int fd = -1;
  bool follows = false;
  std::size_t position = 0;  // of the events that it has
};

// One thread and its connections.
class Worker {
 public:
  Worker(Events& events, const std::vector<std::unique_ptr<Worker>>& workers)
      : events_(events),
        workers_(workers),
        epoll_(epoll_create1(0)),
        wakeup_(eventfd(0, EFD_NONBLOCK)) {
    Watch(EPOLL_CTL_ADD, wakeup_, EPOLLIN, nullptr);
  }

  // The listening thread.
  void Adopt(int fd) { Watch(EPOLL_CTL_ADD, fd, EPOLLIN, new Connection{fd}); }

  [[noreturn]] void Run() {
    std::array<epoll_event, 256> events;
    for (;;) {
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        if (event.data.ptr == nullptr) {
          std::uint64_t wakes = 0;
          (void)!read(wakeup_, &wakes, sizeof wakes);
        } else {
          Handle(*static_cast<Connection*>(event.data.ptr), event.events);
        }
      }
      const std::size_t bytes = events_.bytes();
      if (sent_to_ == bytes) continue;
      sent_to_ = bytes;
      for (Connection* const follower : followers_) SendEvents(*follower);
    }
  }

 private:
  void Watch(int operation, int fd, std::uint32_t for_what, Connection* connection) const {
    epoll_event event{};
    event.events = for_what;
    event.data.ptr = connection;
    epoll_ctl(epoll_, operation, fd, &event);
  }

  void Handle(Connection& connection, std::uint32_t what) {
    if ((what & EPOLLOUT) != 0) {
      Watch(EPOLL_CTL_MOD, connection.fd, EPOLLIN, &connection);
      SendEvents(connection);
    }
    if ((what & ~std::uint32_t{EPOLLOUT}) == 0) return;
    std::array<char, 16'384> buffer;
    const ssize_t got = recv(connection.fd, buffer.data(), buffer.size(), 0);
    if (got <= 0) return Close(connection);
    // A generator's request comes as a whole, and the next once it is answered.
    if (buffer.front() == 'P') return Append(connection);
    constexpr std::string_view kBegin =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        "14\r\nretry: 2000\nid: -1\n\n\r\n";
    (void)!send(connection.fd, kBegin.data(), kBegin.size(), MSG_NOSIGNAL);
    followers_.push_back(&connection);
    connection.follows = true;
    SendEvents(connection);
  }

  void Append(const Connection& connection) {
    const std::string body = "{\"offset\":" + std::to_string(events_.Add()) + "}\n";
    const std::string answer =
        "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Type: application/json"
        "\r\nCache-Control: no-store\r\nX-Request-Id: 0123456789abc\r\nDurability: memory\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    (void)!send(connection.fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    for (const std::unique_ptr<Worker>& worker : workers_) {
      if (worker.get() != this) (void)eventfd_write(worker->wakeup_, 1);
    }
  }

  void SendEvents(Connection& connection) {
    for (;;) {
      const std::string_view text = events_.From(connection.position);
      if (text.empty()) return;
      const ssize_t sent = send(connection.fd, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent < 0) {
        if (errno == EAGAIN) {
          Watch(EPOLL_CTL_MOD, connection.fd, EPOLLIN | EPOLLOUT, &connection);
        }
        return;
      }
      connection.position += static_cast<std::size_t>(sent);
    }
  }

  void Close(Connection& connection) {
    if (connection.follows) std::erase(followers_, &connection);
    close(connection.fd);
    delete &connection;
  }

  Events& events_;
  const std::vector<std::unique_ptr<Worker>>& workers_;
  const int epoll_;
  const int wakeup_;
  std::vector<Connection*> followers_;
  std::size_t sent_to_ = 0;  // bytes of the events that there were when it went over all
};

}  // namespace

int main(int argc, char** argv) {
  int port = 0, threads = 2, value_bytes = 100;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    (name == "--port"      ? port
     : name == "--threads" ? threads
                           : value_bytes) = std::atoi(argv[i + 1]);
  }
  Events events(static_cast<std::size_t>(value_bytes));
  std::vector<std::unique_ptr<Worker>> workers;
  workers.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) workers.push_back(std::make_unique<Worker>(events, workers));
  for (const auto& worker : workers) std::thread(&Worker::Run, worker.get()).detach();
  const int listener = ListenOnLoopback(port, 4096);
  if (listener < 0) {
    std::perror("bench_fan_out");
    std::_Exit(1);  // the threads run
  }
  for (std::size_t turn = 0;; ++turn) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
    if (fd < 0) continue;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    workers[turn % workers.size()]->Adopt(fd);
  }
}
