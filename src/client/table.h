// What a server says of logs and cursors, as people read it.
#pragma once

#include <string>
#include <vector>

namespace daybook::client {

struct Column {
  const char* title;
  const char* member;  // the path that it has in the document
};

// A line of titles and a line for each document, in columns.
std::string TableOf(const std::vector<Column>& columns, const std::vector<std::string>& documents);

// A line for each column that the document has: its title, a colon, and the value.
std::string ListOf(const std::vector<Column>& columns, const std::string& document);

}  // namespace daybook::client
