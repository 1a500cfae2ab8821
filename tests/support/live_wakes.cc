// live_wakes PORT SECONDS [SEED]: whoever waits for a record of the daybook on that port is woken
// for it.
//
// Clients append in bursts to a few logs, of which long polls and followers wait for every record.
// After each burst all rest until each waiter has all that was answered, as it must within
// kPatience, which is far below what a poll may wait: a wake that is lost is not made good by the
// next append. The records of each waiter come once and in their order. The first that is not so
// ends the program with 1.
#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cinttypes>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "support/http_client.h"

namespace daybook::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kLogs = 4;
constexpr std::size_t kAppenders = 32;
constexpr std::size_t kPollers = 200;
constexpr std::size_t kFollowers = 50;
constexpr milliseconds kWait{30'000};
constexpr milliseconds kShortWait{3};  // of some polls, which end while they are woken
constexpr milliseconds kPatience{10'000};
constexpr milliseconds kEarly{100};  // than its wait a poll may end

[[noreturn]] __attribute__((format(printf, 1, 2))) void Fail(const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  std::vfprintf(stderr, format, arguments);
  std::fputc('\n', stderr);
  std::_Exit(1);
}

struct Log {
  std::string path;
  std::atomic<std::uint64_t> end{0};  // behind the last record whose append was answered
};

// The number behind `name`, which has to be there.
std::uint64_t NumberBehind(std::string_view text, std::string_view name) {
  const std::size_t found = text.find(name);
  if (found == std::string_view::npos) {
    Fail("there is no %s in: %s", std::string(name).c_str(), std::string(text).c_str());
  }
  return std::strtoull(std::string(text.substr(found + name.size(), 20)).c_str(), nullptr, 10);
}

// Waits for each record of one log after the other.
class Waiter {
 public:
  Waiter(std::size_t number, const Log& log) : number_(number), log_(log) {}
  virtual ~Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // Until it gets a record once `is_last`.
  virtual void Run(std::uint16_t port, const std::atomic<bool>& is_last) = 0;
  virtual const char* kind() const = 0;

  bool is_done() const { return is_done_; }
  bool has_all() const { return next_ >= log_.end; }
  void TellAsleep() const {
    std::fprintf(stderr, "asleep: %s %zu, at %" PRIu64 " of %" PRIu64 " in %s\n", kind(), number_,
                 next_.load(), log_.end.load(), log_.path.c_str());
  }

 protected:
  const Log& log() const { return log_; }
  std::uint64_t next() const { return next_; }
  void Take(std::uint64_t offset) {
    if (offset == next_) {
      ++next_;
      return;
    }
    Fail("%s %zu of %s got %" PRIu64 ", not %" PRIu64, kind(), number_, log_.path.c_str(), offset,
         next());
  }
  void SetDone() { is_done_ = true; }

 private:
  const std::size_t number_;
  const Log& log_;
  std::atomic<std::uint64_t> next_{0};
  std::atomic<bool> is_done_{false};
};

class Poller : public Waiter {
 public:
  Poller(std::size_t number, const Log& log) : Waiter(number, log), wait_(WaitOf(number)) {}

  const char* kind() const override { return "poll"; }

  void Run(std::uint16_t port, const std::atomic<bool>& is_last) override {
    HttpClient client(port);
    while (!(Poll(client) && is_last)) {
    }
    SetDone();
  }

 private:
  static milliseconds WaitOf(std::size_t number) { return number % 4 == 0 ? kShortWait : kWait; }

  // Whether it got records.
  bool Poll(HttpClient& client) {
    const std::uint64_t asked = next();
    const std::uint64_t end = log().end;
    const auto began = Clock::now();
    client.Send(Get(log().path + "?offset=" + std::to_string(asked) +
                        "&wait=" + std::to_string(wait_.count()) + "ms",
                    "Accept: application/x-ndjson\r\n"));
    const auto reply = client.Read(false, kWait + kPatience);
    const auto took = Clock::now() - began;
    if (!reply || reply->status != 200) Fail("a poll is answered %d", reply ? reply->status : 0);
    constexpr std::string_view kOffset = "{\"offset\":";
    std::string_view lines = reply->body;
    for (; !lines.empty(); lines.remove_prefix(lines.find('\n') + 1)) {
      Take(NumberBehind(lines, kOffset));
    }
    if (reply->Field("next-offset") != std::to_string(next())) Fail("Next-Offset is not the next");
    if (next() > asked) return true;
    if (end > asked) Fail("a poll for a record that is there got none");
    if (took + kEarly < wait_) Fail("a poll without records was over before its wait");
    return false;
  }

  const milliseconds wait_;
};

class Follower : public Waiter {
 public:
  using Waiter::Waiter;

  const char* kind() const override { return "follower"; }

  void Run(std::uint16_t port, const std::atomic<bool>& is_last) override {
    HttpClient client(port);
    // Of HTTP/1.0, where no chunks lie in between.
    client.Send("GET " + log().path +
                "?offset=0 HTTP/1.0\r\nHost: test\r\nAccept: text/event-stream\r\n\r\n");
    std::string text = ReadTo(client, "\r\n\r\n", {});
    do {
      text = ReadTo(client, "\n\n", std::move(text));
    } while (!(TakeEvents(text) && is_last));
    SetDone();
  }

 private:
  // Adds to `text` what comes, until `end` is in it.
  static std::string ReadTo(HttpClient& client, std::string_view end, std::string text) {
    while (text.find(end) == std::string::npos) {
      const std::string more = client.ReadMore(kWait);
      if (more.empty()) Fail("a stream ended: %s", client.state().c_str());
      text += more;
    }
    return text;
  }

  // Takes whole ones out of `text`. Whether there were any.
  bool TakeEvents(std::string& text) {
    const std::uint64_t before = next();
    std::size_t from = 0;
    for (std::size_t end = 0; (end = text.find("\n\n", from)) != std::string::npos;
         from = end + 2) {
      const std::string_view event = std::string_view(text).substr(from, end - from);
      if (event.find("event: record") != std::string_view::npos) Take(NumberBehind(event, "id: "));
    }
    text.erase(0, from);
    return next() > before;
  }
};

// Those who append, each a burst of so many records when it is told to.
class Appenders {
 public:
  Appenders(std::uint16_t port, std::array<Log, kLogs>& logs) : logs_(logs) {
    for (std::size_t i = 0; i < kAppenders; ++i) {
      threads_.emplace_back([this, port, i] { Run(port, i); });
    }
  }

  // counts[i]: the records of appender i.
  void Append(const std::array<unsigned, kAppenders>& counts) {
    counts_ = counts;
    begin_.arrive_and_wait();
    end_.arrive_and_wait();
  }
  void Stop() {
    is_over_ = true;
    begin_.arrive_and_wait();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  void Run(std::uint16_t port, std::size_t number) {
    HttpClient client(port);
    for (;;) {
      begin_.arrive_and_wait();
      if (is_over_) return;
      for (unsigned i = 0; i < counts_[number]; ++i) AppendOne(client, logs_[number % kLogs]);
      end_.arrive_and_wait();
    }
  }

  static void AppendOne(HttpClient& client, Log& log) {
    client.Send(
        Post(log.path, R"({"records":[{"text":"x"}]})", "Content-Type: application/json\r\n"));
    const auto reply = client.Read();
    if (!reply || reply->status != 201) {
      Fail("an append is answered %d", reply ? reply->status : 0);
    }
    const std::uint64_t end = NumberBehind(reply->body, "\"next_offset\":");
    std::uint64_t known = log.end;
    while (known < end && !log.end.compare_exchange_weak(known, end)) {
    }
  }

  std::array<Log, kLogs>& logs_;
  std::array<unsigned, kAppenders> counts_{};
  bool is_over_ = false;
  std::barrier<> begin_{kAppenders + 1};
  std::barrier<> end_{kAppenders + 1};
  std::vector<std::thread> threads_;
};

using Waiters = std::vector<std::unique_ptr<Waiter>>;

// Until `holds` of all waiters; how long that took.
template <typename Condition>
Clock::duration AwaitAll(const Waiters& waiters, Condition holds) {
  const auto began = Clock::now();
  for (const auto& waiter : waiters) {
    while (!holds(*waiter)) {
      if (Clock::now() > began + kPatience) {
        for (const auto& each : waiters) {
          if (!holds(*each)) each->TellAsleep();
        }
        std::_Exit(1);
      }
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  }
  return Clock::now() - began;
}

void MakeLogs(std::uint16_t port, std::array<Log, kLogs>& logs) {
  HttpClient client(port);
  for (std::size_t i = 0; i < kLogs; ++i) {
    const std::string path = "/v1/logs/live-" + std::to_string(i);
    client.Send("PUT " + path + " HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n");
    const auto reply = client.Read();
    if (!reply || reply->status != 201) Fail("%s cannot be made", path.c_str());
    logs[i].path = path + "/records";
  }
}

// From one record of one appender to many of all; more often of few, since it is the last one that
// must not be slept past, while pollers come back from the one before.
std::array<unsigned, kAppenders> RandomBurst(std::mt19937& random) {
  std::array<unsigned, kAppenders> counts{};
  const bool is_small = random() % 8 != 0;
  const unsigned share = is_small ? kAppenders / 2 : 1U << random() % 4;
  const unsigned most = 1U << random() % (is_small ? 2 : 5);
  for (unsigned& count : counts) {
    if (random() % share == 0) count = 1 + static_cast<unsigned>(random()) % most;
  }
  return counts;
}

int Main(std::uint16_t port, int seconds, unsigned seed) {
  std::printf("seed %u: ", seed);
  std::fflush(stdout);
  std::mt19937 random(seed);
  std::array<Log, kLogs> logs;
  MakeLogs(port, logs);
  Waiters waiters;
  for (std::size_t i = 0; i < kPollers; ++i) {
    waiters.push_back(std::make_unique<Poller>(i, logs[i / 4 % kLogs]));
  }
  for (std::size_t i = 0; i < kFollowers; ++i) {
    waiters.push_back(std::make_unique<Follower>(i, logs[i % kLogs]));
  }
  std::atomic<bool> is_last{false};
  std::vector<std::thread> threads;
  for (const auto& waiter : waiters) {
    threads.emplace_back([&waiter, port, &is_last] { waiter->Run(port, is_last); });
  }
  Appenders appenders(port, logs);
  const auto has_all = [](const Waiter& waiter) { return waiter.has_all(); };
  int bursts = 0;
  Clock::duration longest{};
  for (const auto end = Clock::now() + std::chrono::seconds(seconds); Clock::now() < end;
       ++bursts) {
    appenders.Append(RandomBurst(random));
    longest = std::max(longest, AwaitAll(waiters, has_all));
    // Some wait by now, some are about to.
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 2'000));
  }
  is_last = true;
  std::array<unsigned, kAppenders> one_each{};
  for (std::size_t i = 0; i < kLogs; ++i) one_each[i] = 1;
  appenders.Append(one_each);
  AwaitAll(waiters, [](const Waiter& waiter) { return waiter.is_done(); });
  appenders.Stop();
  for (std::thread& thread : threads) thread.join();
  std::uint64_t records = 0;
  for (const Log& log : logs) records += log.end;
  std::printf("%d bursts, %" PRIu64 " records, all woken %.1f ms after a burst at the latest\n",
              bursts, records, std::chrono::duration<double, std::milli>(longest).count());
  return 0;
}

}  // namespace
}  // namespace daybook::test

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("live_wakes PORT SECONDS [SEED]\n", stderr);
    return 2;
  }
  const unsigned seed =
      argc > 3 ? static_cast<unsigned>(std::atoi(argv[3])) : std::random_device()();
  return daybook::test::Main(static_cast<std::uint16_t>(std::atoi(argv[1])), std::atoi(argv[2]),
                             seed);
}
