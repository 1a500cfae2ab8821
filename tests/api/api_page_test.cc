// docs/api.md, made from the document of the API.

#include <gtest/gtest.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "api/openapi_document.h"
#include "api/schema_text.h"
#include "support/document.h"

namespace daybook::api {
namespace {

constexpr const char* kIntroduction = R"(# The API, operation by operation

<!-- Made from src/api/openapi by `make docs`. -->

The same as the server shows at `/docs`, and gives to programs at `/openapi.json`. [http-api.md](http-api.md) tells it from the
beginning, with examples.

)";

std::string ExampleText(const Node& example) {
  if (example.IsString()) return example.GetString();
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  example.Accept(writer);
  return buffer.GetString();
}

std::string Block(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  std::string block;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) block += "    " + text.substr(at, end - at);
    block += "\n";
    at = end + 1;
  }
  return block + "\n";
}

class ApiPage {
 public:
  std::string Text() {
    page_ = kIntroduction + api::Text(Within(document_.root(), {"info"}), "description") + "\n\n";
    const Node& bearer = Within(document_.root(), {"components", "securitySchemes", "bearer"});
    page_ += api::Text(bearer, "description") + "\n\n";
    for (const Node& tag : Within(document_.root(), {"tags"}).GetArray()) AddTag(tag);
    AddCommonErrors();
    AddSchemas();
    page_.pop_back();
    return page_;
  }

 private:
  using Operation = OpenApiDocument::Operation;

  // What an answer is, by its code, of those that every operation may give.
  std::map<std::string, const Node*> CommonErrors() const {
    std::map<std::string, std::size_t> counts;
    std::map<std::string, const Node*> errors;
    for (const Operation& operation : operations_) {
      for (const auto& answer : Within(*operation.node, {"responses"}).GetObject()) {
        const std::string reference = api::Text(answer.value, "$ref");
        if (++counts[reference] == operations_.size() && !reference.empty())
          errors[answer.name.GetString()] = &answer.value;
      }
    }
    return errors;
  }

  void AddTag(const Node& tag) {
    const std::string name = api::Text(tag, "name");
    page_ += "## " + name + "\n\n" + api::Text(tag, "description") + "\n\n";
    for (const Operation& operation : operations_) {
      if (Within(*operation.node, {"tags"})[0].GetString() == name) AddOperation(operation);
    }
  }

  void AddOperation(const Operation& operation) {
    const Node& node = *operation.node;
    page_ += "### " + api::Text(node, "summary") + ": `" + operation.method + " " + operation.path +
             "`\n\n";
    if (const std::string more = api::Text(node, "description"); !more.empty())
      page_ += more + "\n\n";
    page_ +=
        "Token: " + ScopeOf(node) + ". Operation: `" + api::Text(node, "operationId") + "`.\n\n";
    AddParameters(operation.parameters);
    if (const Node* const body = Member(node, "requestBody")) AddBody(*body);
    AddAnswers(Within(node, {"responses"}));
  }

  static std::string ScopeOf(const Node& operation) {
    std::vector<std::string> ways;
    for (const Node& way : Within(operation, {"security"}).GetArray()) {
      const Node* const scopes = Member(way, "bearer");
      ways.push_back(scopes == nullptr ? "none"
                     : scopes->Empty() ? "any"
                                       : "`" + std::string((*scopes)[0].GetString()) + "`");
    }
    return ways.empty() ? "none" : Joined(ways, " or ");
  }

  void AddParameters(const std::vector<const Node*>& parameters) {
    if (parameters.empty()) return;
    page_ += "| parameter | in | type | what it is |\n|---|---|---|---|\n";
    for (const Node* parameter : parameters) {
      const Node& schema = Within(*parameter, {"schema"});
      std::string what = api::Text(*parameter, "description");
      if (const Node* const initial = Member(schema, "default"))
        what += " By default `" + ExampleText(*initial) + "`.";
      const bool required = Member(*parameter, "required") != nullptr;
      page_ += "| `" + api::Text(*parameter, "name") + "`" + (required ? "" : "?") + " | " +
               api::Text(*parameter, "in") + " | " + Cell(TypeText(document_, schema)) + " | " +
               Cell(what) + " |\n";
    }
    page_ += "\n";
  }

  void AddBody(const Node& body) {
    page_ += Within(body, {"required"}).GetBool() ? "Body:\n\n" : "Body, which may be absent:\n\n";
    AddContents(Within(body, {"content"}));
  }

  void AddContents(const Node& contents) {
    for (const auto& [type, content] : contents.GetObject()) {
      const Node& schema = Within(content, {"schema"});
      const std::string described = api::Text(schema, "description");
      const std::string what = described.empty() ? TypeText(document_, schema) : described;
      page_ +=
          "`" + std::string(type.GetString()) + "`" + (what.empty() ? "" : ": " + what) + "\n\n";
      if (NameOf(schema).empty()) {
        if (const std::string members = MembersText(document_, schema); !members.empty())
          page_ += members + "\n";
      }
      AddExamples(content);
    }
  }

  void AddExamples(const Node& content) {
    if (const Node* const example = Member(content, "example"))
      page_ += Block(ExampleText(*example));
    if (const Node* const examples = Member(content, "examples")) {
      for (const auto& example : examples->GetObject()) {
        page_ += api::Text(example.value, "summary") + ":\n\n";
        page_ += Block(ExampleText(Within(example.value, {"value"})));
      }
    }
  }

  void AddAnswers(const Node& answers) {
    std::map<std::string, std::string> errors;  // by code
    for (const auto& [code, node] : answers.GetObject()) {
      const Node& answer = document_.At(node);
      if (code.GetString()[0] >= '4' &&
          Member(Within(answer, {"content"}), "application/json") == nullptr) {
        if (common_.count(code.GetString()) == 0)
          errors[code.GetString()] = ErrorRow(code.GetString(), answer);
        continue;
      }
      page_ +=
          "**" + std::string(code.GetString()) + "** " + api::Text(answer, "description") + "\n\n";
      AddHeaders(answer);
      if (const Node* const contents = Member(answer, "content")) AddContents(*contents);
    }
    std::string rows;
    for (const auto& [code, row] : errors) rows += row;
    AddErrors(rows);
  }

  void AddHeaders(const Node& answer) {
    const Node* const headers = Member(answer, "headers");
    if (headers == nullptr) return;
    page_ += "| header field | what it says |\n|---|---|\n";
    for (const auto& header : headers->GetObject()) {
      page_ += "| `" + std::string(header.name.GetString()) + "` | " +
               Cell(api::Text(document_.At(header.value), "description")) + " |\n";
    }
    page_ += "\n";
  }

  std::string ErrorRow(const std::string& code, const Node& error) const {
    const Node& own = Within(error, {"content", "application/problem+json", "schema", "allOf"})[1];
    std::vector<std::string> kinds;
    for (const Node& type : Within(own, {"properties", "type", "enum"}).GetArray()) {
      const std::string text = type.GetString();
      kinds.push_back("`" + text.substr(text.rfind(':') + 1) + "`");
    }
    return "| " + code + " | " + Cell(api::Text(error, "description")) + " | " +
           Joined(kinds, ", ") + " |\n";
  }

  void AddErrors(const std::string& rows) {
    page_ += "| error | what happened | [kinds](problems.md) |\n|---|---|---|\n" + rows + "\n";
  }

  void AddCommonErrors() {
    page_ += "## Errors of every operation\n\nThese may come instead of what stands above.\n\n";
    std::string rows;
    for (const auto& [code, node] : common_) rows += ErrorRow(code, document_.At(*node));
    AddErrors(rows);
  }

  void AddSchemas() {
    page_ += "## Schemas\n\nA member with `?` may be absent; there are no other members.\n\n";
    for (const auto& schema : Within(document_.root(), {"components", "schemas"}).GetObject()) {
      page_ += "### " + std::string(schema.name.GetString()) + "\n\n";
      page_ += api::Text(schema.value, "description");
      const std::string type = TypeText(document_, schema.value);
      if (type != "object") page_ += " (" + type + ")";
      if (const std::string pattern = api::Text(schema.value, "pattern"); !pattern.empty())
        page_ += " `" + pattern + "`";
      page_ += "\n\n";
      if (const std::string members = MembersText(document_, schema.value); !members.empty())
        page_ += members + "\n";
    }
  }

  const OpenApiDocument document_;
  const std::vector<Operation> operations_ = document_.operations();
  const std::map<std::string, const Node*> common_ = CommonErrors();
  std::string page_;
};

TEST(ApiPage, IsMadeFromTheDocument) { test::ExpectDocument("api.md", ApiPage().Text()); }

}  // namespace
}  // namespace daybook::api
