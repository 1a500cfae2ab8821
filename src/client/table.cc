#include "client/table.h"

#include <algorithm>
#include <cstddef>

#include "client/answer.h"

namespace daybook::client {

std::string TableOf(const std::vector<Column>& columns, const std::vector<std::string>& documents) {
  std::vector<std::vector<std::string>> rows(1);
  for (const Column& column : columns) rows.front().emplace_back(column.title);
  for (const std::string& document : documents) {
    const Members members = Members::Of(document);
    std::vector<std::string>& row = rows.emplace_back();
    for (const Column& column : columns) row.push_back(members.Text(column.member).value_or("-"));
  }
  std::string table;
  for (const std::vector<std::string>& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      std::size_t width = 0;
      for (const std::vector<std::string>& each : rows) width = std::max(width, each[i].size());
      table += row[i];
      if (i + 1 < row.size()) table.append(width + 2 - row[i].size(), ' ');
    }
    table += '\n';
  }
  return table;
}

std::string ListOf(const std::vector<Column>& columns, const std::string& document) {
  const Members members = Members::Of(document);
  std::string list;
  for (const Column& column : columns) {
    const auto text = members.Text(column.member);
    if (text && !text->empty()) list.append(column.title).append(": ").append(*text).append("\n");
  }
  return list;
}

}  // namespace daybook::client
