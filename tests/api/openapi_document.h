// The document of the API, for tests: as a tree, with what there is to find in it.
#pragma once

#include <rapidjson/document.h>

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::api {

using Node = rapidjson::Value;

class OpenApiDocument {
 public:
  struct Operation {
    std::string path;
    std::string method;  // "GET"
    const Node* node;
    std::vector<const Node*> parameters;  // those of the path, too
  };

  OpenApiDocument();

  const Node& root() const { return document_; }
  std::vector<Operation> operations() const;

  // What a reference such as "#/components/schemas/Log" leads to; null where that is nowhere.
  const Node* Find(std::string_view reference) const;
  // The node, or what it refers to.
  const Node& At(const Node& node) const;

 private:
  rapidjson::Document document_;
};

// The member of that name of the member before it, and so on. Throws where there is none.
const Node& Within(const Node& object, std::initializer_list<const char*> members);
// "" where there is no such member.
std::string Text(const Node& object, const char* member);
// Null where there is no such member.
const Node* Member(const Node& object, const char* member);
// "Log" of {"$ref":"#/components/schemas/Log"}; "" of what refers to nothing.
std::string NameOf(const Node& node);

// Shows each node to `visit`, with the name of the member that it is.
void Walk(const Node& node, const std::function<void(std::string_view name, const Node&)>& visit);

}  // namespace daybook::api
