// What a server says of logs and cursors, as people read it.
#pragma once

#include <string>
#include <vector>

#include "config/client_options.h"

namespace daybook::client {

struct Column {
  const char* title;
  const char* member;  // the path that it has in the document
};

// A line for each document: as text in columns, under a line of titles; else as it is.
std::string TableOf(config::OutputForm form, const std::vector<Column>& columns,
                    const std::vector<std::string>& documents);

// As text a line for each column that the document has: its title, a colon, and the value; else the
// document as it is.
std::string ListOf(config::OutputForm form, const std::vector<Column>& columns,
                   const std::string& document);

}  // namespace daybook::client
