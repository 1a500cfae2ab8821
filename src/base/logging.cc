#include "base/logging.h"

#include <poll.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <utility>

#include "base/check.h"
#include "base/json_text.h"

namespace daybook::logging {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::atomic<Level> current_level{Level::kInfo};
std::atomic<Writer*> current_writer{nullptr};

std::string_view NameOf(Level level) {
  constexpr std::array<std::string_view, 4> kNames = {"debug", "info", "warn", "error"};
  return kNames[static_cast<std::size_t>(level)];
}

// Text that needs no quotes is printable ASCII; a value has no space, quote or `=` either.
bool IsPlain(std::string_view text, std::string_view forbidden) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return c >= 0x20 && c < 0x7F && forbidden.find(c) == std::string_view::npos;
  });
}

void AppendText(std::string& line, std::string_view text, std::string_view forbidden) {
  if (IsPlain(text, forbidden)) {
    line.append(text);
  } else {
    AppendJsonString(line, text);
  }
}

// Everything of a line but its time.
void Compose(std::string& line, Format format, Level level, std::string_view message,
             Fields fields) {
  line.clear();
  if (format == Format::kJson) {
    line.append(R"("level":")").append(NameOf(level)).append(R"(","message":)");
    AppendJsonString(line, message);
  } else {
    line.append(NameOf(level)).append(" ");
    AppendText(line, message, "");
  }
  for (const Field& field : fields) field.AppendTo(line, format);
}

// Writes to a descriptor that may block, a pipe that nobody reads, say, without blocking: it waits
// until the descriptor takes bytes or the writer is told to end.
class DescriptorSink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit DescriptorSink(int fd) : fd_(fd), ending_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    CHECK(ending_ >= 0, "no descriptor is left for the log");
  }
  ~DescriptorSink() override { ::close(ending_); }

  // From any thread: what cannot be written before `deadline` is dropped.
  void End(steady_clock::time_point deadline) {
    deadline_ns_.store(deadline.time_since_epoch().count());
    const std::uint64_t one = 1;
    (void)!::write(ending_, &one, sizeof one);
  }

  std::uint64_t dropped_lines() const { return dropped_lines_.load(std::memory_order_relaxed); }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (!WriteAll({line.data(), line.size()}))
      dropped_lines_.fetch_add(1, std::memory_order_relaxed);
  }
  void flush_() override {}

 private:
  bool WriteAll(std::string_view bytes) {
    while (!bytes.empty()) {
      if (!WaitUntilWritable()) return false;
      // A pipe that is ready takes this much without blocking.
      const ssize_t written =
          ::write(fd_, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
      if (written >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(written));
      } else if (errno != EINTR && errno != EAGAIN) {
        return false;
      }
    }
    return true;
  }

  bool WaitUntilWritable() {
    for (;;) {
      const std::int64_t deadline_ns = deadline_ns_.load();
      int timeout_ms = -1;
      if (deadline_ns != 0) {
        const auto left =
            steady_clock::time_point(steady_clock::duration(deadline_ns)) - steady_clock::now();
        timeout_ms = static_cast<int>(
            std::max<std::int64_t>(std::chrono::duration_cast<milliseconds>(left).count(), 0));
      }
      std::array<pollfd, 2> watched{{{fd_, POLLOUT, 0}, {ending_, POLLIN, 0}}};
      const int ready = ::poll(watched.data(), deadline_ns == 0 ? 2 : 1, timeout_ms);
      if (watched[0].revents != 0) return true;
      if (ready == 0) return false;
    }
  }

  const int fd_;
  const int ending_;                          // an eventfd: deadline_ns_ is set
  std::atomic<std::int64_t> deadline_ns_{0};  // of the steady clock; 0: none
  std::atomic<std::uint64_t> dropped_lines_{0};
};

}  // namespace

void Field::AppendTo(std::string& line, Format format) const {
  if (format == Format::kJson) {
    line.append(",\"").append(name_).append("\":");
  } else {
    line.append(" ").append(name_).append("=");
  }
  if (digits_used_ != 0) {
    line.append(digits_.data(), digits_used_);
  } else if (format == Format::kJson) {
    AppendJsonString(line, text_);
  } else {
    AppendText(line, text_, " \"=");
  }
}

struct Writer::State {
  Format format;
  milliseconds linger;
  std::shared_ptr<DescriptorSink> sink;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
};

Writer::Writer(int fd, Format format, milliseconds linger) : state_(std::make_unique<State>()) {
  constexpr const char* kText = "%Y-%m-%dT%H:%M:%S.%eZ %v";
  constexpr const char* kJson = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})";
  state_->format = format;
  state_->linger = linger;
  state_->sink = std::make_shared<DescriptorSink>(fd);
  state_->sink->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      format == Format::kJson ? kJson : kText, spdlog::pattern_time_type::utc));
  state_->pool = std::make_shared<spdlog::details::thread_pool>(kLinesMax, 1);
  state_->logger = std::make_shared<spdlog::async_logger>(
      "daybook", state_->sink, state_->pool, spdlog::async_overflow_policy::overrun_oldest);
  state_->logger->set_level(spdlog::level::trace);
  Writer* const before = current_writer.exchange(this);
  CHECK(before == nullptr, "there are two writers of the log");
}

Writer::~Writer() {
  current_writer.store(nullptr);
  state_->sink->End(steady_clock::now() + state_->linger);
  state_->pool.reset();  // ends when the queue is empty
}

std::uint64_t Writer::dropped_lines() const {
  return state_->pool->overrun_counter() + state_->sink->dropped_lines();
}

bool Enabled(Level level) { return level >= current_level.load(std::memory_order_relaxed); }

void SetLevel(Level level) { current_level.store(level, std::memory_order_relaxed); }

void Log(Level level, std::string_view message, Fields fields) {
  if (!Enabled(level)) return;
  thread_local std::string line;
  const Writer* const writer = current_writer.load(std::memory_order_acquire);
  if (writer == nullptr) {
    Compose(line, Format::kText, level, message, fields);
    std::fprintf(stderr, "%s\n", line.c_str());
    return;
  }
  Compose(line, writer->state_->format, level, message, fields);
  writer->state_->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace daybook::logging
