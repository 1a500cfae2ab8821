#include "api/schema_text.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <cctype>

namespace daybook::api {
namespace {

std::string Written(const Node& node) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  node.Accept(writer);
  return buffer.GetString();
}

std::string LinkTo(const std::string& name) {
  std::string anchor = name;
  std::transform(anchor.begin(), anchor.end(), anchor.begin(),
                 [](char c) { return static_cast<char>(std::tolower(c)); });
  return "[" + name + "](#" + anchor + ")";
}

std::string Alternatives(const OpenApiDocument& document, const Node& schemas,
                         const std::string& between) {
  std::vector<std::string> parts;
  for (const Node& schema : schemas.GetArray()) {
    const std::string part = TypeText(document, schema);
    if (!part.empty()) parts.push_back(part);
  }
  return Joined(parts, between);
}

std::string Values(const Node& values) {
  std::vector<std::string> parts;
  for (const Node& value : values.GetArray()) parts.push_back("`" + Written(value) + "`");
  return Joined(parts, " or ");
}

std::string NamesOfTypes(const Node& type) {
  if (type.IsString()) return type.GetString();
  std::vector<std::string> parts;
  for (const Node& name : type.GetArray()) parts.emplace_back(name.GetString());
  return Joined(parts, " or ");
}

std::string Range(const Node& schema) {
  const Node* const minimum = Member(schema, "minimum");
  const Node* const maximum = Member(schema, "maximum");
  if (minimum == nullptr) return "";
  return " from " + Written(*minimum) + (maximum != nullptr ? " to " + Written(*maximum) : "");
}

void AddMembers(const OpenApiDocument& document, const Node& schema, const std::string& within,
                std::string& rows) {
  const Node* const members = Member(schema, "properties");
  if (members == nullptr) return;
  std::vector<std::string> required;
  if (const Node* const names = Member(schema, "required")) {
    for (const Node& name : names->GetArray()) required.emplace_back(name.GetString());
  }
  for (const auto& member : members->GetObject()) {
    const std::string name = within + member.name.GetString();
    const bool needed =
        std::find(required.begin(), required.end(), member.name.GetString()) != required.end();
    rows += "| `" + name + "`" + (needed ? "" : "?") + " | " +
            Cell(TypeText(document, member.value)) + " | " +
            Cell(Text(member.value, "description")) + " |\n";
    // What has a name of its own is shown under that.
    if (NameOf(member.value).empty()) AddMembers(document, member.value, name + ".", rows);
  }
}

}  // namespace

std::string TypeText(const OpenApiDocument& document, const Node& schema) {
  if (const std::string name = NameOf(schema); !name.empty()) return LinkTo(name);
  if (const Node* const any = Member(schema, "anyOf")) return Alternatives(document, *any, " or ");
  if (const Node* const all = Member(schema, "allOf")) return Alternatives(document, *all, ", ");
  if (const Node* const value = Member(schema, "const")) return "`" + Written(*value) + "`";
  if (const Node* const values = Member(schema, "enum")) return Values(*values);
  const Node* const type = Member(schema, "type");
  if (type == nullptr) return "";
  std::string text = NamesOfTypes(*type) + Range(schema);
  if (const Node* const items = Member(schema, "items"))
    return text + " of " + TypeText(document, *items);
  const Node* const others = Member(schema, "additionalProperties");
  if (others != nullptr && others->IsObject())
    text += " of " + TypeText(document, *others) + " by name";
  return text;
}

std::string MembersText(const OpenApiDocument& document, const Node& schema) {
  std::string rows;
  AddMembers(document, schema, "", rows);
  return rows.empty() ? rows : "| member | type | what it is |\n|---|---|---|\n" + rows;
}

std::string Cell(std::string text) {
  for (std::size_t at = 0; (at = text.find_first_of("|\n", at)) != std::string::npos;) {
    if (text[at] == '|') {
      text.insert(at, "\\");
      at += 2;
    } else {
      text[at] = ' ';
    }
  }
  return text;
}

std::string Joined(const std::vector<std::string>& parts, const std::string& between) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : between) + part;
  return all;
}

}  // namespace daybook::api
