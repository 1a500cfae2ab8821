// The parameters of a request's query, read strictly: percent-decoded once ('+' is a plus), each
// name at most once, and none that nobody asked for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace daybook::api {

class Query {
 public:
  // Of what follows the '?'. kInvalidArgument names the parameter that does not decode or stands
  // twice.
  static Result<Query> Parse(std::optional<std::string_view> text);

  bool Has(std::string_view name) const;
  // The value of that parameter, once.
  std::optional<std::string> Take(std::string_view name);
  // An error that names a parameter that was never taken, if there is one.
  Status Rest() const;

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace daybook::api
