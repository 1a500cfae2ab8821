// TokenSet is what a token file says: which tokens there are, and what each of them grants.
//
//   file  = *(line LF) [line]
//   line  = *WSP [token | "#" *any] *WSP [CR]
//   token = name WSP scopes WSP logs WSP digest        ; WSP: one space or tab, or more
//   name   = 1-64 of a-z A-Z 0-9 . _ -
//   scopes = scope *("," scope)                        ; read, append, admin, metrics
//   logs   = pattern *("," pattern)                    ; 1-128 of a-z 0-9 . _ - *, each
//   digest = "sha256:" 64 of 0-9 a-f                   ; of the token's bytes
//
// A file is one or wrong: it has a token at least and at most kTokensMax, every line is as above,
// and no digest stands twice. The digest is last so that a line of which the end is missing is
// never another line that is right. Several tokens may have one name, so that one can take the
// place of another without a moment in which neither is right.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "access/grant.h"
#include "access/token.h"
#include "base/status.h"

namespace daybook::access {

inline constexpr std::size_t kTokensMax = 1'000;

class TokenSet {
 public:
  // kInvalidArgument: with the line's number, and nothing of what is in it.
  static Result<TokenSet> Parse(std::string_view text);

  // The token's grant, null where it is none of these. How long it takes tells nothing of the
  // digests: all of them are compared, in constant time.
  std::shared_ptr<const Grant> Find(std::string_view token) const;

  std::size_t size() const { return tokens_.size(); }

  // Takes over the grants of `before` of which nothing has changed. Gives its others, which are to
  // be revoked once this set counts.
  std::vector<std::shared_ptr<const Grant>> TakeOver(const TokenSet& before);

 private:
  struct Token {
    TokenDigest digest;
    std::shared_ptr<const Grant> grant;
  };

  Status Add(std::string_view line);

  std::vector<Token> tokens_;
};

}  // namespace daybook::access
