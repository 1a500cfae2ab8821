#include "http/request.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/check.h"

namespace daybook::http {
namespace {

// What a connection keeps of a request's memory for its next one; the rest goes back.
constexpr std::size_t kKeptBytesMax = 4 << 10;

void ClearKeepingLittle(std::string& text) {
  if (text.capacity() > kKeptBytesMax) {
    std::string().swap(text);
  } else {
    text.clear();
  }
}

}  // namespace

std::optional<std::string_view> Request::query() const {
  if (path_bytes_ >= target_.size()) return std::nullopt;
  return std::string_view(target_).substr(path_bytes_ + 1);
}

std::optional<std::string_view> Request::Header(std::string_view name) const {
  for (const Field& field : fields_) {
    if (EqualIgnoringCase(NameOf(field), name)) return ValueOf(field);
  }
  return std::nullopt;
}

std::string Request::HeaderList(std::string_view name) const {
  std::string list;
  for (const Field& field : fields_) {
    if (!EqualIgnoringCase(NameOf(field), name)) continue;
    if (!list.empty()) list += ", ";
    list += ValueOf(field);
  }
  return list;
}

std::string_view Request::Parameter(std::string_view name) const {
  for (const auto& [known, value] : parameters_) {
    if (known == name) return value;
  }
  CHECK(false, "the route has no segment of that name");
}

void Request::Clear() {
  method_ = Method::Get;
  method_known_ = false;
  version_minor_ = 1;
  id_.clear();
  route_.reset();
  ClearKeepingLittle(target_);
  path_bytes_ = 0;
  ClearKeepingLittle(fields_text_);
  if (fields_.capacity() * sizeof(Field) > kKeptBytesMax) {
    std::vector<Field>().swap(fields_);
  } else {
    fields_.clear();
  }
  ClearKeepingLittle(body_);
  parameters_.clear();
  is_admitted_ = false;
  pass_.reset();
}

void Request::SetTarget(std::string target) {
  target_ = std::move(target);
  path_bytes_ = std::min(target_.find('?'), target_.size());
}

void Request::AddField(std::string_view name, std::string_view value) {
  const auto position = static_cast<std::uint32_t>(fields_text_.size());
  const auto name_bytes = static_cast<std::uint32_t>(name.size());
  fields_.push_back(
      Field{position, name_bytes, position + name_bytes, static_cast<std::uint32_t>(value.size())});
  fields_text_.append(name).append(value);
}

}  // namespace daybook::http
