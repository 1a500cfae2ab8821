#include "api/query.h"

#include <algorithm>

#include "http/target.h"

namespace daybook::api {

Result<Query> Query::Parse(std::optional<std::string_view> text) {
  Query query;
  std::string_view left = text.value_or("");
  while (!left.empty()) {
    const std::string_view parameter = left.substr(0, left.find('&'));
    left.remove_prefix(std::min(parameter.size() + 1, left.size()));
    if (parameter.empty()) continue;
    const std::size_t equals = std::min(parameter.find('='), parameter.size());
    std::optional<std::string> name = http::PercentDecode(parameter.substr(0, equals));
    std::optional<std::string> value =
        http::PercentDecode(parameter.substr(std::min(equals + 1, parameter.size())));
    if (!name || !value) {
      return Status(StatusCode::kInvalidArgument,
                    "the query parameter '" + std::string(parameter.substr(0, equals)) +
                        "' has a '%' that is not followed by two hexadecimal digits, or a NUL");
    }
    const bool repeated = std::any_of(query.parameters_.begin(), query.parameters_.end(),
                                      [&](const auto& known) { return known.first == *name; });
    if (repeated)
      return Status(StatusCode::kInvalidArgument,
                    "the query parameter '" + *name + "' stands twice");
    query.parameters_.emplace_back(std::move(*name), std::move(*value));
  }
  return query;
}

bool Query::Has(std::string_view name) const {
  return std::any_of(parameters_.begin(), parameters_.end(),
                     [&](const auto& parameter) { return parameter.first == name; });
}

std::optional<std::string> Query::Take(std::string_view name) {
  const auto found = std::find_if(parameters_.begin(), parameters_.end(),
                                  [&](const auto& parameter) { return parameter.first == name; });
  if (found == parameters_.end()) return std::nullopt;
  std::string value = std::move(found->second);
  parameters_.erase(found);
  return value;
}

Status Query::Rest() const {
  if (parameters_.empty()) return {};
  return {StatusCode::kInvalidArgument,
          "the query parameter '" + parameters_.front().first + "' is not known here"};
}

}  // namespace daybook::api
