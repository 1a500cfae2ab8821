// `daybook token new`.

#include "access/token.h"

#include <unistd.h>

#include <cstdio>
#include <string>

#include "access/token_set.h"
#include "app/tools.h"

namespace daybook::app {

int NewToken(const config::TokenOptions& options) {
  const Result<std::string> token = access::MakeToken();
  if (!token.ok()) {
    std::fprintf(stderr, "daybook: token: %s\n", token.status().message().c_str());
    return 1;
  }
  const std::string line = options.name + " " + options.scopes + " " + options.logs + " " +
                           access::TextOf(access::DigestOf(*token));
  if (const auto set = access::TokenSet::Parse(line); !set.ok()) {
    std::fprintf(stderr, "daybook: token: no such line can be in a token file: %s\n",
                 set.status().message().c_str());
    return 2;
  }
  std::printf("%s\n%s\n", token->c_str(), line.c_str());
  if (::isatty(STDOUT_FILENO) == 0) return 0;
  std::fflush(stdout);
  std::fprintf(stderr,
               "The first line is the token, which its client keeps secret: it is stored nowhere "
               "else.\nThe second is for the file of --token-file.\n");
  return 0;
}

}  // namespace daybook::app
