// bench_sendfile --port N --file PATH --bytes N: the least that sending bytes of a file costs here.
//
// A server that answers each request with N bytes of the file, which the kernel takes from its
// cache: no copy, no checksum, and nothing is looked at. A connection's next answer goes on where
// its last one ended, and at the file's end begins anew. A thread a connection, requests without a
// body, one at a time. Not for anything but measuring.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

#include "listen.h"

namespace {

struct Content {
  int file = -1;
  off_t file_bytes = 0;
  std::size_t answer_bytes = 0;
};

// False: the client has gone.
bool AwaitRequest(int fd) {
  std::string header;
  std::array<char, 4096> buffer;
  while (!header.ends_with("\r\n\r\n")) {
    const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    header.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return true;
}

bool SendAnswer(int fd, const Content& content, off_t& position) {
  const std::string header =
      "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: " +
      std::to_string(content.answer_bytes) + "\r\n\r\n";
  if (send(fd, header.data(), header.size(), MSG_NOSIGNAL | MSG_MORE) !=
      static_cast<ssize_t>(header.size()))
    return false;
  for (std::size_t left = content.answer_bytes; left > 0;) {
    if (position == content.file_bytes) position = 0;
    const ssize_t sent = sendfile(fd, content.file, &position, left);
    if (sent <= 0) return false;
    left -= static_cast<std::size_t>(sent);
  }
  return true;
}

void Serve(int fd, const Content& content) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  off_t position = 0;
  while (AwaitRequest(fd) && SendAnswer(fd, content, position)) {
  }
  close(fd);
}

}  // namespace

int main(int argc, char** argv) {
  int port = 0;
  std::string path;
  Content content;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--port") port = std::atoi(argv[i + 1]);
    if (name == "--file") path = argv[i + 1];
    if (name == "--bytes") content.answer_bytes = std::strtoull(argv[i + 1], nullptr, 10);
  }
  content.file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (content.file < 0 || fstat(content.file, &status) != 0 || status.st_size == 0) {
    std::fputs("bench_sendfile: needs a --file that is not empty\n", stderr);
    return 2;
  }
  content.file_bytes = status.st_size;
  const int listener = ListenOnLoopback(port, 64);
  if (listener < 0) {
    std::perror("bench_sendfile");
    return 1;
  }
  for (;;) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) std::thread(Serve, fd, content).detach();
  }
}
