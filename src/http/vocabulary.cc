#include "http/vocabulary.h"

namespace daybook::http {

std::string_view MethodName(Method method) { return Pistache::Http::methodString(method); }

std::optional<Method> MethodNamed(std::string_view name) {
#define METHOD(value, text) \
  if (name == (text)) return Method::value;
  HTTP_METHODS
#undef METHOD
  return std::nullopt;
}

std::string_view Reason(Code code) {
  // Pistache has these under the names of older RFCs.
  if (code == Code::Request_Entity_Too_Large) return "Content Too Large";
  if (code == Code::RequestURI_Too_Long) return "URI Too Long";
  if (code == Code::Unprocessable_Entity) return "Unprocessable Content";
  return Pistache::Http::codeString(code);
}

}  // namespace daybook::http
