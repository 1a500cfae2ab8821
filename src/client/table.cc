#include "client/table.h"

#include <algorithm>
#include <cstddef>

#include "client/answer.h"

namespace daybook::client {

std::string TableOf(config::OutputForm form, const std::vector<Column>& columns,
                    const std::vector<std::string>& documents) {
  std::string table;
  if (form != config::OutputForm::kText) {
    for (const std::string& document : documents) table.append(document).append("\n");
    return table;
  }
  std::vector<std::vector<std::string>> rows(1);
  for (const Column& column : columns) rows.front().emplace_back(column.title);
  for (const std::string& document : documents) {
    const Members members = Members::Of(document);
    std::vector<std::string>& row = rows.emplace_back();
    for (const Column& column : columns) row.push_back(members.Text(column.member).value_or("-"));
  }
  std::vector<std::size_t> widths(columns.size());
  for (const std::vector<std::string>& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const std::vector<std::string>& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      table += row[i];
      if (i + 1 < row.size()) table.append(widths[i] + 2 - row[i].size(), ' ');
    }
    table += '\n';
  }
  return table;
}

std::string ListOf(config::OutputForm form, const std::vector<Column>& columns,
                   const std::string& document) {
  if (form != config::OutputForm::kText) return document;
  const Members members = Members::Of(document);
  std::string list;
  for (const Column& column : columns) {
    const auto text = members.Text(column.member);
    if (text && !text->empty()) list.append(column.title).append(": ").append(*text).append("\n");
  }
  return list;
}

}  // namespace daybook::client
