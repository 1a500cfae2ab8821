#include "http/response.h"

#include "base/ascii.h"
#include "base/check.h"

namespace daybook::http {

Response& Response::AddField(std::string_view name, std::string_view value) & {
  const auto keeps = [](char c) { return (c != '\r') & (c != '\n') & (c != '\0'); };
  CHECK(!name.empty() && BytesAhead(name, keeps) == name.size() &&
            BytesAhead(value, keeps) == value.size(),
        "a header field would break the header apart");
  fields.append(name).append(": ").append(value).append("\r\n");
  return *this;
}

}  // namespace daybook::http
