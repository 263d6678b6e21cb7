#pragma once

#include <string>
#include <vector>

namespace portolan::cli {

// Columns of text for people: a header in capitals, two spaces between columns,
// each as wide as its widest cell.
class Table {
 public:
  explicit Table(std::vector<std::string> header) { rows_.push_back(std::move(header)); }

  // As many cells as the header has.
  void add(std::vector<std::string> row);
  std::string render() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace portolan::cli
