// Pages of docs/ that are made from the program's own tables.
#pragma once

#include <string>

namespace daybook::test {

// Expects docs/`name` to be `text`. With DAYBOOK_WRITE_DOCS set (`make docs`) it is written
// instead.
void ExpectDocument(const std::string& name, const std::string& text);

}  // namespace daybook::test
