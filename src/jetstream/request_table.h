// RequestTable holds what is asked of NATS until it is answered, or given up.
//
// Add() takes no lock: a request is put on a list that whoever sends takes as a whole. From then on
// it has a place, whose number is in its token, and the table's lock is taken once for all that are
// sent together, and for each answer. No receiver is called under it, or in here. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"
#include "base/unique_function.h"
#include "jetstream/message.h"

namespace daybook::jetstream {

struct Request {
  using Clock = std::chrono::steady_clock;

  Outgoing message;
  std::vector<Outgoing> before;  // sent ahead of it; they do not ask
  UniqueFunction<bool(Result<Incoming>)> receiver;
  Clock::time_point deadline;
  const void* group = nullptr;
  std::uint64_t token = 0;  // of one that was taken to be sent
  bool sent = false;        // something of it may have been
  Request* older = nullptr;

  std::size_t bytes() const;
};
using RequestPtr = std::unique_ptr<Request>;

// What is taken to be sent. The request itself stays in the table.
struct Unsent {
  Outgoing message;
  std::vector<Outgoing> before;
  std::uint64_t token;
  std::size_t published = 0;  // messages
};

class RequestTable {
 public:
  using Clock = Request::Clock;

  RequestTable() = default;
  ~RequestTable();
  RequestTable(const RequestTable&) = delete;
  RequestTable& operator=(const RequestTable&) = delete;

  // None. Or the request itself: it is closed.
  RequestPtr Add(RequestPtr request);
  // There is something to be sent.
  bool has_unsent() const { return newest_ != nullptr || waiting_count_ != 0; }
  // The oldest ones that are not sent, in their order, of so many bytes, but one at least. They are
  // taken for sent from here on.
  void TakeUnsent(std::size_t bytes_max, std::deque<Unsent>& unsent);

  // The request with that token, whose place is kept until PutBack() or Done(). None: it is
  // answered, or given up.
  RequestPtr Take(std::uint64_t token);
  // There are more answers to come. None, or the request itself: it is closed.
  RequestPtr PutBack(RequestPtr request);
  // There are none.
  void Done(std::uint64_t token);

  // Those whose deadline is over.
  std::vector<RequestPtr> TakeLate(Clock::time_point now);
  // Those of which nothing was sent.
  std::vector<RequestPtr> TakeAllUnsent();
  // All; what is added later is given back.
  std::vector<RequestPtr> Close();

  // Brings deadlines forward to `at_most`: of a group, or of all that were sent.
  void HurryGroup(const void* group, Clock::time_point at_most);
  void HurrySent(Clock::time_point at_most);

 private:
  // Has those that were added lately wait behind the others.
  void Gather() EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void GatherFrom(Request* newest) EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CountWaiting() EXCLUSIVE_LOCKS_REQUIRED(mutex_) { waiting_count_ = waiting_.size(); }
  std::uint64_t FindPlace() EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Free(std::uint64_t place) EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::atomic<Request*> newest_{nullptr};  // of those that nobody has gathered
  std::atomic<std::size_t> waiting_count_{0};

  Mutex mutex_;
  bool closed_ GUARDED_BY(mutex_) = false;
  std::deque<RequestPtr> waiting_ GUARDED_BY(mutex_);
  std::uint64_t count_ GUARDED_BY(mutex_) = 0;  // that were sent
  std::vector<RequestPtr> places_ GUARDED_BY(mutex_);
  std::vector<std::uint64_t> free_places_ GUARDED_BY(mutex_);
};

}  // namespace daybook::jetstream
