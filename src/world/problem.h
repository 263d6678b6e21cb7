#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace portolan::world {

// Where something stands in a file, both from 1. Line 0: nowhere, as for a
// resource that is already stored.
struct Place {
  int line = 0;
  int column = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

// What is wrong with a resource, for the person who wrote it.
struct Problem {
  std::string file;
  Place place;
  std::string sentence;
  friend bool operator==(const Problem&, const Problem&) = default;
};

// "file:line:column: sentence", the form that editors jump to.
std::string render_problem(const Problem& problem);

// Where problems are gathered. Beyond `problems_max` they are counted only:
// whoever has so many wants to mend the first, and a hostile file has millions.
class ProblemList {
 public:
  static constexpr std::size_t problems_max = 1'000;

  void add(Problem problem);
  bool has_one_at(const std::string& file, Place place) const;
  bool empty() const { return problems_.empty(); }
  bool full() const { return problems_.size() >= problems_max; }

  // By file in the order they first came, and by place in it.
  std::vector<Problem> take_sorted();

 private:
  std::vector<Problem> problems_;
  std::size_t beyond_ = 0;
};

}  // namespace portolan::world
