#include "support/document.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace daybook::test {

void ExpectDocument(const std::string& name, const std::string& text) {
  const std::string path = std::string(DAYBOOK_DOCS) + "/" + name;
  if (std::getenv("DAYBOOK_WRITE_DOCS") != nullptr) {
    std::ofstream(path) << text;
    return;
  }
  std::ifstream file(path);
  std::stringstream written;
  written << file.rdbuf();
  EXPECT_EQ(written.str(), text) << path << " is out of date; `make docs` writes it anew";
}

}  // namespace daybook::test
