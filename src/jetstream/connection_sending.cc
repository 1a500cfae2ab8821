// The sending, which the loop's thread does and those that ask do.
#include <charconv>
#include <iterator>
#include <limits>
#include <utility>

#include "jetstream/connection_core.h"

namespace daybook::jetstream {
namespace {

// Written at once, at least where there is so much.
constexpr std::size_t kWriteBytes = 256 << 10;

// That a message did not go out.
bool IsUnsent(natsStatus status) {
  return status == NATS_CONNECTION_DISCONNECTED || status == NATS_INSUFFICIENT_BUFFER ||
         status == NATS_CONNECTION_CLOSED || status == NATS_MAX_PAYLOAD || status == NATS_DRAINING;
}

}  // namespace

void Connection::Core::SendNow() {
  if (!is_plain_ || !gate_.TryLock()) return events_->Wake();
  Failures failures;
  Send(kWriteBytes, failures);
  // Who waits for room, sends much, or sees that the connection is lost, is the loop.
  const bool is_over = may_send() && sending_.empty() && !requests_.has_unsent();
  gate_.Unlock();
  if (!is_over) events_->Wake();
  Fail(failures);
}

void Connection::Core::Send(std::size_t bytes_max, Failures& failures) {
  for (std::size_t sent = 0; sent < bytes_max && may_send();) {
    if (sending_.empty()) requests_.TakeUnsent(kWriteBytes, sending_);
    if (sending_.empty()) return;
    std::size_t bytes = 0;
    while (!sending_.empty() && bytes < kWriteBytes) bytes += PublishNext(failures);
    link_->Write();
    sent += bytes;
  }
}

std::size_t Connection::Core::PublishNext(Failures& failures) {
  Unsent& unsent = sending_.front();
  const bool asks = unsent.published == unsent.before.size();
  const Outgoing& message = asks ? unsent.message : unsent.before[unsent.published];
  const std::size_t bytes = message.bytes();
  reply_.resize(inbox_.size());
  if (asks) {
    char digits[std::numeric_limits<std::uint64_t>::digits10 + 1];
    reply_.append(digits, std::to_chars(digits, std::end(digits), unsent.token).ptr);
  }
  const natsStatus s = link_->Publish(message, asks ? reply_ : "");
  ++unsent.published;
  if (s != NATS_OK) {
    if (RequestPtr request = requests_.Take(unsent.token)) {
      requests_.Done(unsent.token);
      request->sent = !IsUnsent(s);
      failures.emplace_back(std::move(request), natsStatus_GetText(s));
    }
  }
  if (s != NATS_OK || asks) sending_.pop_front();
  return bytes;
}

void Connection::Core::Fail(const Failures& failures) {
  for (const auto& [request, why] : failures) Fail(*request, why);
}

}  // namespace daybook::jetstream
