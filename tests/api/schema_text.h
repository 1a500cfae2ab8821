// Schemas of the API's document as a page shows them.
#pragma once

#include <string>

#include "api/openapi_document.h"

namespace daybook::api {

// In a few words, such as "array of [NewRecord](#newrecord)".
std::string TypeText(const OpenApiDocument& document, const Node& schema);

// Tables of the members of an object, and of the objects in it; "" where it has none.
std::string MembersText(const OpenApiDocument& document, const Node& schema);

// As it may stand in a cell of a table.
std::string Cell(std::string text);

// "a, b and c" with that in the place of ", " and " and ".
std::string Joined(const std::vector<std::string>& parts, const std::string& between);

}  // namespace daybook::api
