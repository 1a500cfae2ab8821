// The JSON that others wrote, read without a complaint.
#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/rfc3339.h"
#include "base/types.h"

namespace daybook::jetstream {

// Members of what was parsed; where it is no object, or one of them is absent or of another type,
// they are 0, "" or none. Refers to it.
class JsonObject {
 public:
  explicit JsonObject(const rapidjson::Value& value) : value_(value) {}

  const rapidjson::Value* Find(const char* name) const {
    if (!value_.IsObject()) return nullptr;
    const auto found = value_.FindMember(name);
    return found == value_.MemberEnd() ? nullptr : &found->value;
  }
  std::uint64_t Number(const char* name) const {
    const rapidjson::Value* const found = Find(name);
    return found != nullptr && found->IsUint64() ? found->GetUint64() : 0;
  }
  std::optional<std::uint64_t> OptionalNumber(const char* name) const {
    const rapidjson::Value* const found = Find(name);
    if (found == nullptr || !found->IsUint64()) return std::nullopt;
    return found->GetUint64();
  }
  std::int64_t SignedNumber(const char* name) const {
    const rapidjson::Value* const found = Find(name);
    return found != nullptr && found->IsInt64() ? found->GetInt64() : 0;
  }
  bool Bool(const char* name) const {
    const rapidjson::Value* const found = Find(name);
    return found != nullptr && found->IsBool() && found->GetBool();
  }
  std::string Text(const char* name) const {
    const rapidjson::Value* const found = Find(name);
    return found != nullptr && found->IsString()
               ? std::string(found->GetString(), found->GetStringLength())
               : "";
  }
  Timestamp Time(const char* name) const { return ParseRfc3339(Text(name)).value_or(Timestamp()); }

 private:
  const rapidjson::Value& value_;
};

}  // namespace daybook::jetstream
