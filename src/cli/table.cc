#include "cli/table.h"

#include <algorithm>
#include <set>

#include "base/check.h"

namespace portolan::cli {
namespace {

constexpr std::size_t between_columns = 2;

// Characters, not bytes: continuation bytes of UTF-8 take no room.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

void Table::add(std::vector<std::string> row) {
  check(row.size() == rows_.front().size(), "a row has a cell for each column");
  rows_.push_back(std::move(row));
}

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  return widths;
}

std::size_t Table::width() const {
  std::size_t width = 0;
  for (const std::size_t column : widths()) width += column + (width > 0 ? between_columns : 0);
  return width;
}

std::vector<std::string> Table::narrow(std::size_t characters,
                                       const std::vector<std::string>& least_first) {
  std::set<std::size_t> taken;
  const std::vector<std::string> titles = rows_.front();
  for (const std::string& title : least_first) {
    if (characters == 0 || width() <= characters) break;
    const auto at = std::ranges::find(rows_.front(), title) - rows_.front().begin();
    check(static_cast<std::size_t>(at) < rows_.front().size(), "a column has that title");
    for (auto& row : rows_) row.erase(row.begin() + at);
    taken.insert(static_cast<std::size_t>(std::ranges::find(titles, title) - titles.begin()));
  }
  std::vector<std::string> names;
  for (const std::size_t i : taken) names.push_back(titles[i]);
  return names;
}

std::string Table::render() const {
  const std::vector<std::size_t> widths = this->widths();
  std::string text;
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] - width_of(row[i]) + between_columns, ' ');
    }
    text += '\n';
  }
  return text;
}

}  // namespace portolan::cli
