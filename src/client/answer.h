// What a server answered, and what is in it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace daybook::client {

// The scalars of a JSON document by their paths, as in "retention.max_age" or "logs.0.name".
class Members {
 public:
  // Of what is no JSON there are none.
  static Members Of(std::string document);

  std::optional<std::string> Text(const std::string& path) const;
  std::optional<std::uint64_t> Number(const std::string& path) const;

 private:
  std::map<std::string, std::string> texts_;
};

// The objects in the array that is the member `name` of a document, each as it stands there; none:
// there is no such array.
std::optional<std::vector<std::string>> ObjectsIn(const std::string& document,
                                                  std::string_view name);

// Of an answer that says that all is well, and is somebody else's: a proxy's, say.
Status NotADaybook();

struct Answer {
  unsigned code = 0;
  std::string body;

  bool ok() const { return code >= 200 && code < 300; }
  Members members() const { return Members::Of(body); }
  // Of an error: "no-such-log"; empty where a proxy answered, say.
  std::string Kind() const;
  // Of an error: what the server says of it, and if that is nothing, its code.
  Status ToStatus() const;
};

}  // namespace daybook::client
