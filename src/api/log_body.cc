#include "api/log_body.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "api/json.h"
#include "api/request_body.h"
#include "base/units.h"

namespace daybook::api {
namespace {

// Follows a small document, all of whose members it knows.
class MemberVisitor : public TypedJsonVisitor {
 public:
  std::string Key(std::string_view name) override {
    member_.resize(object_bytes_);
    member_.append(name);
    return {};
  }

 protected:
  // `member` with those that it is in, as in "retention.max_age"; what is against its value.
  virtual std::string OnMember(std::string_view member, std::string_view type,
                               std::string_view text) = 0;

 private:
  std::string Scalar(std::string_view type, std::string_view text) override {
    if (!member_.empty()) return OnMember(member_, type, text);
    if (type == "an object") return {};
    return "the body is " + std::string(type) + ", not an object";
  }
  // An array is never taken.
  std::string Begin(std::string_view type) override {
    std::string objection = Scalar(type, {});
    if (!member_.empty()) member_.push_back('.');
    object_bytes_ = member_.size();
    return objection;
  }
  std::string End() override {
    member_.resize(object_bytes_ == 0 ? 0 : object_bytes_ - 1);
    const std::size_t dot = member_.rfind('.');
    object_bytes_ = dot == std::string::npos ? 0 : dot + 1;
    return {};
  }

  std::string member_;
  std::size_t object_bytes_ = 0;  // of the name, that the object which is open has
};

std::string Unknown(std::string_view member) {
  return "the member " + std::string(member) + " is not known";
}

class SettingsVisitor : public MemberVisitor {
 public:
  log::RetentionChange change;

 private:
  std::string OnMember(std::string_view member, std::string_view type,
                       std::string_view text) override {
    if (member == "retention") {
      if (type == "an object") return {};
      return "the member retention is " + std::string(type) + ", not an object";
    }
    if (member == "retention.max_age") {
      change.max_age.emplace();
      if (type == "null") return {};
      *change.max_age = type == "a string" ? ParseDuration(text) : std::nullopt;
      if (*change.max_age && change.max_age->value().count() > 0) return {};
      return "the member retention.max_age is no duration such as \"30m\", \"12h\" or \"7d\"";
    }
    if (member == "retention.max_bytes") {
      change.max_bytes.emplace();
      if (type == "null") return {};
      if (type == "a string" || type == "a number") *change.max_bytes = ParseSize(text);
      if (*change.max_bytes && change.max_bytes->value() > 0) return {};
      return "the member retention.max_bytes is no size such as 1048576, \"512Mi\" or \"10Gi\"";
    }
    return Unknown(member);
  }
};

class OffsetVisitor : public MemberVisitor {
 public:
  explicit OffsetVisitor(std::string_view wanted) : wanted_(wanted) {}

  std::optional<std::uint64_t> offset;

 private:
  std::string OnMember(std::string_view member, std::string_view type,
                       std::string_view text) override {
    if (member != wanted_) return Unknown(member);
    offset = type == "a number" ? ParseNumber(text) : std::nullopt;
    if (offset) return {};
    return "the member " + std::string(wanted_) +
           " is not a whole number from 0 to 18446744073709551615";
  }

  const std::string_view wanted_;
};

// `missing`: what is said where it is not there.
Result<Offset> ParseOffsetMember(std::string& body, std::string_view member, const char* missing) {
  OffsetVisitor visitor(member);
  if (Status status = ParseJson(body, visitor); !status.ok()) return status;
  if (visitor.offset) return Offset(*visitor.offset);
  return Status(StatusCode::kInvalidArgument, missing);
}

}  // namespace

Result<log::RetentionChange> ParseLogSettings(std::string& body) {
  SettingsVisitor visitor;
  if (body.empty()) return visitor.change;
  if (Status status = ParseJson(body, visitor); !status.ok()) return status;
  return visitor.change;
}

Result<Offset> ParseTrim(std::string& body) {
  return ParseOffsetMember(
      body, "before",
      R"(the member before is missing; send {"before":N}, the first offset to be kept)");
}

Result<Offset> ParseCursor(std::string& body) {
  return ParseOffsetMember(body, "offset", R"(the member offset is missing; send {"offset":N})");
}

}  // namespace daybook::api
