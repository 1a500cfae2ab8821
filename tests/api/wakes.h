// What a Waker does, seen by a test.
#pragma once

#include <deque>
#include <map>
#include <utility>

#include "base/unique_function.h"
#include "http/waker.h"

namespace daybook::api {

// Counts how often each is woken, by descriptor, and runs what is to be run when it is told to.
class Wakes : public http::WakeSink {
 public:
  void Wake(const http::ExchangeId& id) override { ++counts[id.fd]; }
  void Post(UniqueFunction<void()> task) override { tasks_.push_back(std::move(task)); }
  // Returns how much there was to run.
  int RunAll() {
    int run = 0;
    for (; !tasks_.empty(); ++run) {
      UniqueFunction<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
    return run;
  }

  std::map<int, int> counts;

 private:
  std::deque<UniqueFunction<void()>> tasks_;
};

}  // namespace daybook::api
