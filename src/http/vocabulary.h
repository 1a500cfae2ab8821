// The words of HTTP that the layers above http/ use: methods and status codes. They are Pistache's.
#pragma once

#include <pistache/http_defs.h>

#include <optional>
#include <string_view>

namespace daybook::http {

using Method = Pistache::Http::Method;
using Code = Pistache::Http::Code;

// "GET"; see RFC 9110 section 9.
std::string_view MethodName(Method method);
// The method of that name (names are case-sensitive); none where we know no such method.
std::optional<Method> MethodNamed(std::string_view name);

// "Not Found": the reason phrase that RFC 9110 section 15 gives.
std::string_view Reason(Code code);

}  // namespace daybook::http
