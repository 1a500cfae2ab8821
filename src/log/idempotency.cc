#include "log/idempotency.h"

#include <xxhash.h>

#include <cstring>
#include <memory>
#include <utility>

#include "base/check.h"

namespace daybook::log {
namespace {

class Digester {
 public:
  Digester() : state_(XXH3_createState()) {
    CHECK(state_ != nullptr && XXH3_128bits_reset(state_.get()) == XXH_OK,
          "no memory for a digest");
  }

  void AddNumber(std::uint64_t number) {
    XXH3_128bits_update(state_.get(), &number, sizeof number);
  }
  // With its length, so that what follows is not mistaken for a part of it.
  void AddText(std::string_view text) {
    AddNumber(text.size());
    XXH3_128bits_update(state_.get(), text.data(), text.size());
  }
  BatchDigest Take() const {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_.get()));
    BatchDigest digest;
    static_assert(sizeof digest == sizeof canonical.digest);
    std::memcpy(digest.data(), canonical.digest, sizeof canonical.digest);
    return digest;
  }

 private:
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, Free> state_;
};

}  // namespace

BatchDigest DigestOf(const Batch& batch) {
  Digester digester;
  for (const NewRecord& record : batch) {
    digester.AddNumber(record.key ? 1 : 0);
    digester.AddText(record.key.value_or(""));
    digester.AddNumber(record.headers.size());
    for (const auto& [name, value] : record.headers) {
      digester.AddText(name);
      digester.AddText(value);
    }
    digester.AddText(record.value);
  }
  return digester.Take();
}

std::optional<Result<Appended>> IdempotencyWindow::Replay(std::string_view key,
                                                          const BatchDigest& digest,
                                                          Timestamp now) {
  Forget(now);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return std::nullopt;
  const KeyedAppend& first = *found->second;
  if (first.digest != digest) {
    return Result<Appended>(Status(StatusCode::kKeyReused,
                                   "the idempotency key was used for other records, which have the "
                                   "offsets from " +
                                       std::to_string(first.first_offset.value) + " on"));
  }
  return Result<Appended>(Appended{first.first_offset, first.next_offset, first.timestamp, true});
}

void IdempotencyWindow::Add(KeyedAppend append) {
  if (limits_.keys_max == 0) return;
  if (appends_.size() >= limits_.keys_max) ForgetOldest();
  const KeyedAppend& added = appends_.emplace_back(std::move(append));
  by_key_.erase(added.key);  // a view into the one before
  by_key_.emplace(added.key, &added);
}

void IdempotencyWindow::Forget(Timestamp now) {
  while (!appends_.empty() &&
         now.milliseconds - appends_.front().timestamp.milliseconds >= limits_.window.count())
    ForgetOldest();
}

void IdempotencyWindow::ForgetOldest() {
  const auto found = by_key_.find(appends_.front().key);
  if (found != by_key_.end() && found->second == &appends_.front()) by_key_.erase(found);
  appends_.pop_front();
}

}  // namespace daybook::log
