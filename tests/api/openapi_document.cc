#include "api/openapi_document.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "api/embedded_text.h"

namespace daybook::api {

OpenApiDocument::OpenApiDocument() {
  document_.Parse(kOpenApiDocument.data(), kOpenApiDocument.size());
  EXPECT_FALSE(document_.HasParseError()) << "at byte " << document_.GetErrorOffset();
}

std::vector<OpenApiDocument::Operation> OpenApiDocument::operations() const {
  std::vector<Operation> operations;
  for (const auto& path : Within(document_, {"paths"}).GetObject()) {
    for (const auto& member : path.value.GetObject()) {
      std::string method = member.name.GetString();
      if (method == "parameters") continue;
      std::transform(method.begin(), method.end(), method.begin(),
                     [](char c) { return static_cast<char>(std::toupper(c)); });
      Operation& operation = operations.emplace_back(
          Operation{path.name.GetString(), std::move(method), &member.value, {}});
      for (const Node* from : {&path.value, &member.value}) {
        const Node* const parameters = Member(*from, "parameters");
        if (parameters == nullptr) continue;
        for (const Node& parameter : parameters->GetArray())
          operation.parameters.push_back(&At(parameter));
      }
    }
  }
  return operations;
}

const Node* OpenApiDocument::Find(std::string_view reference) const {
  const Node* node = &document_;
  if (!reference.starts_with("#/")) return nullptr;
  reference.remove_prefix(2);
  while (node != nullptr && !reference.empty()) {
    const std::string name(reference.substr(0, reference.find('/')));
    reference.remove_prefix(std::min(name.size() + 1, reference.size()));
    node = Member(*node, name.c_str());
  }
  return node;
}

const Node& OpenApiDocument::At(const Node& node) const {
  const std::string reference = Text(node, "$ref");
  const Node* const found = reference.empty() ? nullptr : Find(reference);
  return found != nullptr ? At(*found) : node;
}

const Node& Within(const Node& object, std::initializer_list<const char*> members) {
  const Node* within = &object;
  for (const char* const member : members) {
    within = Member(*within, member);
    if (within == nullptr) throw std::out_of_range(std::string("there is no member ") + member);
  }
  return *within;
}

const Node* Member(const Node& object, const char* member) {
  if (!object.IsObject()) return nullptr;
  const auto found = object.FindMember(member);
  return found != object.MemberEnd() ? &found->value : nullptr;
}

std::string Text(const Node& object, const char* member) {
  const Node* const text = Member(object, member);
  return text != nullptr && text->IsString() ? text->GetString() : "";
}

std::string NameOf(const Node& node) {
  const std::string reference = Text(node, "$ref");
  return reference.substr(reference.rfind('/') + 1);
}

void Walk(const Node& node, const std::function<void(std::string_view name, const Node&)>& visit) {
  if (node.IsObject()) {
    for (const auto& member : node.GetObject()) {
      visit(member.name.GetString(), member.value);
      Walk(member.value, visit);
    }
  } else if (node.IsArray()) {
    for (const Node& element : node.GetArray()) Walk(element, visit);
  }
}

}  // namespace daybook::api
