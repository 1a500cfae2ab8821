// What bench_load is asked to do, as its command line says it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace daybook::bench {

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  int threads = 1;
  int connections = 1;

  double rate = 0;   // requests a second, open loop; 0: closed loop
  int pipeline = 1;  // closed loop: requests in flight on each connection

  double warmup_seconds = 0;
  double seconds = 1;
  double drain_seconds = 2;    // after these what is unanswered is given up
  double timeout_seconds = 5;  // for one answer, from the request's actual sending

  std::string target = "append";
  std::size_t value_bytes = 23;
  std::uint64_t offsets = 1;      // reads ask for 0 to offsets - 1
  std::uint64_t offset_step = 1;  // times it
  bool random = false;
  std::string method, path, body;                 // replace the target's own
  int body_times = 1;                             // the body, one behind the other
  std::string content_type = "application/json";  // of the body
  std::vector<std::string> headers;               // "Name: value"

  int followers = 0;  // event streams of what is appended
  std::string follow_path = "/v1/logs/default/records?offset=next";

  bool self_test = false;
};

// False, after a line on standard error, where an option is unknown or makes no sense.
[[nodiscard]] bool ParseOptions(int argc, char** argv, Options& options);

extern const char* const kUsage;

}  // namespace daybook::bench
