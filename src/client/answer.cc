#include "client/answer.h"

#include <utility>

#include "api/json.h"
#include "base/units.h"

namespace daybook::client {
namespace {

constexpr std::string_view kKindPrefix = "urn:daybook:problem:";

// Follows a document and knows the path of each element.
class PathVisitor : public api::JsonVisitor {
 public:
  std::string Null() override { return Scalar({}); }
  std::string Bool(bool value) override { return Scalar(value ? "true" : "false"); }
  std::string Number(std::string_view text) override { return Scalar(text); }
  std::string String(std::string_view value) override { return Scalar(value); }
  std::string StartObject() override { return Begin(false); }
  std::string StartArray() override { return Begin(true); }
  std::string EndObject() override { return End(); }
  std::string EndArray() override { return End(); }
  std::string Key(std::string_view name) override {
    levels_.back().name = name;
    return {};
  }

 protected:
  std::string Path() const {
    std::string path;
    for (const Level& level : levels_) {
      if (!path.empty()) path += '.';
      path += level.is_array ? std::to_string(level.index) : level.name;
    }
    return path;
  }

  virtual void OnScalar(std::string_view text) = 0;
  virtual void OnBegin() {}  // its path is still its own
  virtual void OnEnd() {}

 private:
  struct Level {
    bool is_array = false;
    std::string name;
    std::size_t index = 0;
  };

  std::string Scalar(std::string_view text) {
    OnScalar(text);
    return Done();
  }
  std::string Begin(bool is_array) {
    OnBegin();
    levels_.push_back({is_array, {}, 0});
    return {};
  }
  std::string End() {
    levels_.pop_back();
    OnEnd();
    return Done();
  }
  std::string Done() {
    if (!levels_.empty()) ++levels_.back().index;
    return {};
  }

  std::vector<Level> levels_;
};

class TextVisitor : public PathVisitor {
 public:
  std::map<std::string, std::string> texts;

 private:
  void OnScalar(std::string_view text) override { texts.emplace(Path(), text); }
};

class ObjectVisitor : public PathVisitor {
 public:
  ObjectVisitor(const std::string& document, std::string_view name)
      : document_(document), name_(name) {}

  std::vector<std::string> objects;
  bool has_array = false;

 private:
  bool IsWanted() const {
    const std::string path = Path();
    return path.starts_with(name_) && path.size() > name_.size() && path[name_.size()] == '.' &&
           path.find('.', name_.size() + 1) == std::string::npos;
  }
  void OnScalar(std::string_view) override {}
  void OnBegin() override {
    if (Path() == name_) has_array = true;
    if (IsWanted()) begin_ = position() - 1;
  }
  void OnEnd() override {
    if (IsWanted()) objects.push_back(document_.substr(begin_, position() - begin_));
  }

  const std::string& document_;
  const std::string_view name_;
  std::size_t begin_ = 0;
};

}  // namespace

Members Members::Of(std::string document) {
  TextVisitor visitor;
  Members members;
  if (api::ParseJson(document, visitor).ok()) members.texts_ = std::move(visitor.texts);
  return members;
}

std::optional<std::string> Members::Text(const std::string& path) const {
  const auto found = texts_.find(path);
  return found == texts_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::uint64_t> Members::Number(const std::string& path) const {
  const std::optional<std::string> text = Text(path);
  return text ? ParseNumber(*text) : std::nullopt;
}

std::optional<std::vector<std::string>> ObjectsIn(const std::string& document,
                                                  std::string_view name) {
  ObjectVisitor visitor(document, name);
  std::string parsed = document;
  if (!api::ParseJson(parsed, visitor).ok() || !visitor.has_array) return std::nullopt;
  return std::move(visitor.objects);
}

Status NotADaybook() { return {StatusCode::kInternal, "the answer is not a daybook's"}; }

std::string Answer::Kind() const {
  const std::string type = members().Text("type").value_or("");
  return type.starts_with(kKindPrefix) ? type.substr(kKindPrefix.size()) : "";
}

Status Answer::ToStatus() const {
  const Members problem = members();
  const std::optional<std::string> detail = problem.Text("detail");
  const std::string code_text = "the server answered " + std::to_string(code);
  const StatusCode status = code >= 500 ? StatusCode::kUnavailable : StatusCode::kNotFound;
  if (!detail) return {status, code_text};
  if (code == 401 || code == 403) return {status, code_text + ": " + *detail};
  return {status, *detail};
}

}  // namespace daybook::client
