#include "http/response.h"

#include "base/check.h"

namespace daybook::http {

Response& Response::AddField(std::string_view name, std::string_view value) & {
  constexpr std::string_view kBreaking("\r\n\0", 3);
  CHECK(!name.empty() && name.find_first_of(kBreaking) == std::string_view::npos &&
            value.find_first_of(kBreaking) == std::string_view::npos,
        "a header field would break the header apart");
  fields.append(name).append(": ").append(value).append("\r\n");
  return *this;
}

}  // namespace daybook::http
