// A client that sends exactly the bytes that it is told to, over a real socket on loopback, and
// reads answers strictly: what a test must not overlook (a missing length, a body behind a HEAD)
// fails it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace daybook::test {

struct Reply {
  int status = 0;
  std::map<std::string, std::string> fields;  // names in lower case
  std::string body;

  std::string Field(const std::string& name) const;
};

class HttpClient {
 public:
  static constexpr std::chrono::milliseconds kPatience{20'000};

  explicit HttpClient(std::uint16_t port, int receive_buffer_bytes = 0);
  HttpClient(HttpClient&& other) noexcept;
  HttpClient(const HttpClient&) = delete;
  ~HttpClient();

  int fd() const { return fd_; }
  // Returns false when the server has closed the connection.
  bool Send(std::string_view bytes);
  // As much as goes without waiting; returns how much that was.
  std::size_t SendSome(std::string_view bytes);
  void HalfClose();
  // Ends the connection with a reset.
  void Reset();

  // The next answer. None when the connection ended, or `patience` passed, before all of it came.
  std::optional<Reply> Read(bool to_head = false, std::chrono::milliseconds patience = kPatience);
  // Reads up to `bytes` bytes as they come.
  std::string ReadSome(std::size_t bytes, std::chrono::milliseconds patience = kPatience);
  // Up to `last`, with that; what came instead when the connection ended, or `patience` passed.
  std::string ReadThrough(std::string_view last, std::chrono::milliseconds patience = kPatience);
  // What has come, once there is something; "" when there was nothing for that long, or the
  // connection has ended.
  std::string ReadMore(std::chrono::milliseconds patience = kPatience);
  // Everything up to the server's closing; none when it does not close.
  std::optional<std::string> ReadToEnd(std::chrono::milliseconds patience = kPatience);
  // True when nothing comes, and the connection stays open, for that long.
  bool StaysSilent(std::chrono::milliseconds span);
  // For the message of a failure: whether the connection ended, and how.
  std::string state() const;

 private:
  bool Fill(std::chrono::steady_clock::time_point deadline);
  // The next line, without its end.
  std::optional<std::string> TakeLine(std::chrono::steady_clock::time_point deadline);
  bool TakeBytes(std::size_t bytes, std::string& to,
                 std::chrono::steady_clock::time_point deadline);
  bool TakeChunks(std::string& to, std::chrono::steady_clock::time_point deadline);

  int fd_ = -1;
  bool ended_ = false;
  int end_errno_ = 0;
  std::string input_;
};

// One request with a Host field; `fields` are whole lines.
std::string Get(std::string_view target, std::string_view fields = "");
std::string Post(std::string_view target, std::string_view body, std::string_view fields = "");

// Of this process, in bytes.
std::size_t ResidentBytes();

// Whether a sanitizer watches over this build, whose own memory would be measured.
constexpr bool kSanitized =
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    true;
#else
    false;
#endif

}  // namespace daybook::test
