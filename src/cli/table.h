#pragma once

#include <cstddef>
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
  // Takes columns out until a line has at most `characters`, in this order of
  // titles; returns those taken, as they stood. 0 is as wide as it likes.
  std::vector<std::string> narrow(std::size_t characters,
                                  const std::vector<std::string>& least_first);
  std::string render() const;

 private:
  std::vector<std::size_t> widths() const;
  std::size_t width() const;

  std::vector<std::vector<std::string>> rows_;
};

}  // namespace portolan::cli
