#include "access/grant.h"

#include <algorithm>

namespace daybook::access {

std::string_view NameOf(Scope scope) { return kScopeNames[static_cast<std::size_t>(scope)]; }

std::optional<Scope> ParseScope(std::string_view name) {
  const auto* const found = std::find(kScopeNames.begin(), kScopeNames.end(), name);
  if (found == kScopeNames.end()) return std::nullopt;
  return static_cast<Scope>(found - kScopeNames.begin());
}

// Where it fails behind a `*`, that one takes a character more.
bool Matches(std::string_view pattern, std::string_view name) {
  std::size_t at = 0;
  std::size_t in_name = 0;
  std::size_t behind_star = std::string_view::npos;  // in the pattern
  std::size_t star_until = 0;                        // in the name
  while (in_name < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      behind_star = ++at;
      star_until = in_name;
    } else if (at < pattern.size() && pattern[at] == name[in_name]) {
      ++at;
      ++in_name;
    } else if (behind_star != std::string_view::npos) {
      at = behind_star;
      in_name = ++star_until;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

bool Grant::IsForLog(std::string_view log) const {
  return std::any_of(terms_.logs.begin(), terms_.logs.end(),
                     [&](const std::string& pattern) { return Matches(pattern, log); });
}

void Grant::Revoke() const {
  const MutexLock lock(mutex_);
  revoked_ = true;
  for (UniqueFunction<void()>& on_revoked : watches_) on_revoked();
}

RevocationWatch::RevocationWatch(std::shared_ptr<const Grant> grant,
                                 UniqueFunction<void()> on_revoked)
    : grant_(std::move(grant)) {
  if (grant_ == nullptr) return;
  const MutexLock lock(grant_->mutex_);
  if (grant_->revoked_) on_revoked();
  place_ = grant_->watches_.insert(grant_->watches_.end(), std::move(on_revoked));
}

RevocationWatch::~RevocationWatch() {
  if (grant_ == nullptr) return;
  const MutexLock lock(grant_->mutex_);
  grant_->watches_.erase(place_);
}

}  // namespace daybook::access
