// Grant is what one token lets whoever shows it do, until it is revoked.
//
// Shared by the set of tokens that it is in and by the requests that it let through. Thread-safe:
// all but its being revoked never changes.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/unique_function.h"

namespace daybook::access {

enum class Scope : std::uint8_t { kRead, kAppend, kAdmin, kMetrics };
inline constexpr std::array<std::string_view, 4> kScopeNames = {"read", "append", "admin",
                                                                "metrics"};
std::string_view NameOf(Scope scope);
std::optional<Scope> ParseScope(std::string_view name);

// Whether `pattern`, in which `*` stands for any characters or none, is for the whole of `name`.
bool Matches(std::string_view pattern, std::string_view name);

class Grant {
 public:
  struct Terms {
    std::string name;               // of who has the token; several tokens may have the same
    std::array<bool, 4> scopes{};   // by Scope
    std::vector<std::string> logs;  // patterns of names

    friend bool operator==(const Terms&, const Terms&) = default;
  };

  explicit Grant(Terms terms) : terms_(std::move(terms)) {}

  const Terms& terms() const { return terms_; }
  bool Has(Scope scope) const { return terms_.scopes[static_cast<std::size_t>(scope)]; }
  bool IsForLog(std::string_view log) const;

  bool revoked() const { return revoked_; }
  // For good. Tells all watches.
  void Revoke() const;

 private:
  friend class RevocationWatch;
  using Watches = std::list<UniqueFunction<void()>>;

  const Terms terms_;
  mutable std::atomic<bool> revoked_{false};
  mutable Mutex mutex_;
  mutable Watches watches_ GUARDED_BY(mutex_);
};

// Has a function called when a grant is revoked, at once where it is already. The function is
// called on any thread; it must be brief, and neither make nor destroy a watch. It runs no more
// once the watch is destroyed.
class RevocationWatch {
 public:
  // No grant: there is nothing to be revoked.
  RevocationWatch(std::shared_ptr<const Grant> grant, UniqueFunction<void()> on_revoked);
  ~RevocationWatch();
  RevocationWatch(const RevocationWatch&) = delete;
  RevocationWatch& operator=(const RevocationWatch&) = delete;

  bool revoked() const { return grant_ != nullptr && grant_->revoked(); }

 private:
  const std::shared_ptr<const Grant> grant_;
  Grant::Watches::iterator place_;
};

}  // namespace daybook::access
