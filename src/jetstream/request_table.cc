#include "jetstream/request_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"

namespace daybook::jetstream {
namespace {

// A token is the number of a request, and below that the number of its place.
constexpr int kPlaceBits = 24;
constexpr std::uint64_t kPlaceMask = (1ULL << kPlaceBits) - 1;

// In the place of the newest request of a table that is closed.
Request closed_mark;

}  // namespace

std::size_t Request::bytes() const {
  std::size_t bytes = message.bytes();
  for (const Outgoing& each : before) bytes += each.bytes();
  return bytes;
}

RequestTable::~RequestTable() { (void)Close(); }

RequestPtr RequestTable::Add(RequestPtr request) {
  Request* const added = request.release();
  added->older = newest_;
  do {
    if (added->older == &closed_mark) return RequestPtr(added);
  } while (!newest_.compare_exchange_weak(added->older, added));
  return nullptr;
}

void RequestTable::Gather() {
  if (!closed_) GatherFrom(newest_.exchange(nullptr));
}

void RequestTable::GatherFrom(Request* newest) {
  const auto end = static_cast<std::ptrdiff_t>(waiting_.size());
  for (Request* each = newest; each != nullptr; each = each->older) waiting_.emplace_back(each);
  std::reverse(waiting_.begin() + end, waiting_.end());
  CountWaiting();
}

void RequestTable::TakeUnsent(std::size_t bytes_max, std::deque<Unsent>& unsent) {
  const MutexLock lock(mutex_);
  Gather();
  std::size_t bytes = 0;
  while (!waiting_.empty() && bytes < bytes_max) {
    RequestPtr request = std::move(waiting_.front());
    waiting_.pop_front();
    bytes += request->bytes();
    const std::uint64_t place = FindPlace();
    request->token = ++count_ << kPlaceBits | place;
    request->sent = true;
    unsent.push_back({std::move(request->message), std::move(request->before), request->token});
    places_[place] = std::move(request);
  }
  CountWaiting();
}

std::uint64_t RequestTable::FindPlace() {
  if (free_places_.empty()) {
    CHECK(places_.size() < kPlaceMask, "too many requests are under way");
    places_.emplace_back();
    return places_.size() - 1;
  }
  const std::uint64_t place = free_places_.back();
  free_places_.pop_back();
  return place;
}

void RequestTable::Free(std::uint64_t place) { free_places_.push_back(place); }

RequestPtr RequestTable::Take(std::uint64_t token) {
  const std::uint64_t place = token & kPlaceMask;
  const MutexLock lock(mutex_);
  if (place >= places_.size() || places_[place] == nullptr || places_[place]->token != token)
    return nullptr;
  return std::move(places_[place]);
}

RequestPtr RequestTable::PutBack(RequestPtr request) {
  const MutexLock lock(mutex_);
  if (closed_) return request;
  places_[request->token & kPlaceMask] = std::move(request);
  return nullptr;
}

void RequestTable::Done(std::uint64_t token) {
  const MutexLock lock(mutex_);
  if (!closed_) Free(token & kPlaceMask);
}

std::vector<RequestPtr> RequestTable::TakeLate(Clock::time_point now) {
  std::vector<RequestPtr> late;
  const MutexLock lock(mutex_);
  Gather();
  for (std::uint64_t place = 0; place < places_.size(); ++place) {
    if (places_[place] == nullptr || places_[place]->deadline > now) continue;
    late.push_back(std::move(places_[place]));
    Free(place);
  }
  const auto is_late = [now](const RequestPtr& request) { return request->deadline <= now; };
  for (RequestPtr& request : waiting_)
    if (is_late(request)) late.push_back(std::move(request));
  std::erase(waiting_, nullptr);
  CountWaiting();
  return late;
}

std::vector<RequestPtr> RequestTable::TakeAllUnsent() {
  std::vector<RequestPtr> taken;
  const MutexLock lock(mutex_);
  Gather();
  std::move(waiting_.begin(), waiting_.end(), std::back_inserter(taken));
  waiting_.clear();
  CountWaiting();
  return taken;
}

std::vector<RequestPtr> RequestTable::Close() {
  std::vector<RequestPtr> taken;
  const MutexLock lock(mutex_);
  if (std::exchange(closed_, true)) return taken;
  GatherFrom(newest_.exchange(&closed_mark));
  std::move(places_.begin(), places_.end(), std::back_inserter(taken));
  std::move(waiting_.begin(), waiting_.end(), std::back_inserter(taken));
  std::erase(taken, nullptr);
  waiting_.clear();
  places_.clear();
  CountWaiting();
  return taken;
}

void RequestTable::HurryGroup(const void* group, Clock::time_point at_most) {
  const MutexLock lock(mutex_);
  Gather();
  const auto hurry = [&](const RequestPtr& request) {
    if (request != nullptr && request->group == group)
      request->deadline = std::min(request->deadline, at_most);
  };
  std::for_each(places_.begin(), places_.end(), hurry);
  std::for_each(waiting_.begin(), waiting_.end(), hurry);
}

void RequestTable::HurrySent(Clock::time_point at_most) {
  const MutexLock lock(mutex_);
  for (const RequestPtr& request : places_)
    if (request != nullptr) request->deadline = std::min(request->deadline, at_most);
}

}  // namespace daybook::jetstream
