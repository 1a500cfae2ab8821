#include "app/probe.h"

#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/base64.h"
#include "base/clock.h"
#include "base/printable.h"
#include "base/waiter.h"
#include "http/client.h"

namespace daybook::app {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::chrono::milliseconds kPause{100};
constexpr std::size_t kShownBytes = 500;  // of an answer
constexpr std::string_view kNextOffset = "\ndaybook_log_next_offset{log=\"default\"} ";

std::optional<std::uint64_t> NumberBehind(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(at + name.size());
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (parsed.ec != std::errc()) return std::nullopt;
  return number;
}

Status Unexpected(std::string_view what, const http::ClientResponse& answer) {
  return {StatusCode::kUnavailable, std::string(what) + " was answered " +
                                        std::to_string(answer.code) + ": " +
                                        Printable(answer.body.substr(0, kShownBytes))};
}

// One run of the probe; each step says on standard output what it found.
class Run {
 public:
  Run(const http::ServerUrl& server, const http::ServerUrl& metrics, const std::string& token,
      SteadyTime deadline)
      : server_(server, token, waiter_), metrics_(metrics, token, waiter_), deadline_(deadline) {}

  // Waits until the server is ready, or the time is over. Of what it answered until then the last
  // is told: the last try may only have had too little time.
  Status AwaitReady() {
    Status why;
    for (;;) {
      const auto answer = server_.Ask({"GET", "/readyz", ""}, deadline_);
      if (answer.ok() && answer->code == 200) {
        std::printf("ready: %s", Printable(answer->body).c_str());
        return {};
      }
      const bool is_over = std::chrono::steady_clock::now() + kPause >= deadline_;
      if (answer.ok()) {
        why = Unexpected("GET /readyz", *answer);
      } else if (!is_over || why.ok()) {
        why = answer.status();
      }
      if (is_over) return why;
      std::this_thread::sleep_for(kPause);
    }
  }

  Status Append() {
    value_ = "\"";
    AppendBase64(value_, "daybook probe " + std::to_string(Clock::System().Now().milliseconds) +
                             " " + std::to_string(::getpid()));
    value_ += '"';
    const std::string body = R"({"record":{"value":)" + value_ + "}}";
    const auto answer = server_.Ask({"POST", "/", body}, deadline_);
    if (!answer.ok()) return answer.status();
    offset_ = NumberBehind(answer->body, R"({"offset":)");
    if (answer->code != 200 || !offset_) return Unexpected("POST /", *answer);
    std::printf("appended: offset %llu\n", static_cast<unsigned long long>(*offset_));
    return {};
  }

  Status ReadBack() {
    const std::string target = "/?offset=" + std::to_string(*offset_);
    const auto answer = server_.Ask({"GET", target, ""}, deadline_);
    if (!answer.ok()) return answer.status();
    if (answer->code != 200 || answer->body.find(value_) == std::string::npos)
      return Unexpected("GET " + target, *answer);
    std::printf("read back: offset %llu\n", static_cast<unsigned long long>(*offset_));
    return {};
  }

  Status CheckMetrics() {
    const auto answer = metrics_.Ask({"GET", "/metrics", ""}, deadline_);
    if (!answer.ok()) return answer.status();
    const auto next_offset = NumberBehind(answer->body, kNextOffset);
    if (answer->code != 200 || !next_offset) return Unexpected("GET /metrics", *answer);
    if (offset_ && *next_offset <= *offset_) {
      return {StatusCode::kUnavailable, "the metrics say that the next offset is " +
                                            std::to_string(*next_offset) + ", after an append at " +
                                            std::to_string(*offset_)};
    }
    std::printf("metrics: the next offset is %llu\n",
                static_cast<unsigned long long>(*next_offset));
    return {};
  }

 private:
  const Waiter waiter_;
  http::Client server_;
  http::Client metrics_;
  const SteadyTime deadline_;
  std::string value_;                    // of what was appended, as a JSON string of base64
  std::optional<std::uint64_t> offset_;  // the same's
};

Status ProbeServer(const config::ProbeOptions& options) {
  const auto server = http::ServerUrl::Parse(options.url);
  if (!server.ok()) return server.status();
  const auto metrics =
      http::ServerUrl::Parse(options.metrics_url.empty() ? options.url : options.metrics_url);
  if (!metrics.ok()) return metrics.status();
  Run run(*server, *metrics, options.token, std::chrono::steady_clock::now() + options.timeout);
  if (Status status = run.AwaitReady(); !status.ok()) return status;
  if (!options.read_only) {
    if (Status status = run.Append(); !status.ok()) return status;
    if (Status status = run.ReadBack(); !status.ok()) return status;
  }
  return run.CheckMetrics();
}

}  // namespace

int Probe(const config::ProbeOptions& options) {
  const Status status = ProbeServer(options);
  if (status.ok()) return 0;
  std::fflush(stdout);
  std::fprintf(stderr, "daybook: probe: %s\n", status.message().c_str());
  return status.code() == StatusCode::kInvalidArgument ? 2 : 1;
}

}  // namespace daybook::app
