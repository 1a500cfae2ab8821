// bench_sendfile --port N --bytes N [--copy 1] --file PATH [--file PATH]...: the least that sending
// bytes of files costs here; with --copy the least for a server that looks at them first.
//
// A server that answers each request with N bytes of the files, which the kernel takes from its
// cache: no copy, no checksum, and nothing is looked at. With --copy they are read into memory,
// which stays in a core's cache, and sent from there; not even then is anything looked at. A
// connection's next answer goes on where
// its last one ended, in the next file where that was the end of one, and behind the last begins
// anew. A thread a connection, requests without a body, one at a time. Not for anything but
// measuring.
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
#include <vector>

#include "listen.h"

namespace {

struct File {
  int fd = -1;
  off_t bytes = 0;
};

struct Content {
  std::vector<File> files;
  std::size_t answer_bytes = 0;
  bool copies = false;
};

struct Place {
  std::size_t file = 0;  // of Content::files
  off_t position = 0;
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

// As sendfile(2) does; `position` goes on by what was sent.
ssize_t SendCopy(int fd, int file, off_t* position, std::size_t bytes_max) {
  static thread_local std::array<char, 256 << 10> buffer;
  const ssize_t got = pread(file, buffer.data(), std::min(bytes_max, buffer.size()), *position);
  if (got <= 0) return got;
  const ssize_t sent = send(fd, buffer.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL);
  if (sent > 0) *position += sent;
  return sent;
}

bool SendAnswer(int fd, const Content& content, Place& place) {
  const std::string header =
      "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: " +
      std::to_string(content.answer_bytes) + "\r\n\r\n";
  if (send(fd, header.data(), header.size(), MSG_NOSIGNAL | MSG_MORE) !=
      static_cast<ssize_t>(header.size()))
    return false;
  for (std::size_t left = content.answer_bytes; left > 0;) {
    if (place.position == content.files[place.file].bytes)
      place = {(place.file + 1) % content.files.size(), 0};
    const auto send_some = content.copies ? SendCopy : sendfile;
    const ssize_t sent = send_some(fd, content.files[place.file].fd, &place.position, left);
    if (sent <= 0) return false;
    left -= static_cast<std::size_t>(sent);
  }
  return true;
}

void Serve(int fd, const Content& content) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Place place;
  while (AwaitRequest(fd) && SendAnswer(fd, content, place)) {
  }
  close(fd);
}

// Not one that is empty, or cannot be read.
bool Open(const char* path, std::vector<File>& files) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (fd < 0 || fstat(fd, &status) != 0 || status.st_size == 0) return false;
  files.push_back({fd, status.st_size});
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  int port = 0;
  bool opened = true;
  Content content;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--port") port = std::atoi(argv[i + 1]);
    if (name == "--file") opened = Open(argv[i + 1], content.files) && opened;
    if (name == "--copy") content.copies = std::atoi(argv[i + 1]) != 0;
    if (name == "--bytes") content.answer_bytes = std::strtoull(argv[i + 1], nullptr, 10);
  }
  if (!opened || content.files.empty()) {
    std::fputs("bench_sendfile: needs a --file, and each not empty\n", stderr);
    return 2;
  }
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
