#pragma once

#include <string>
#include <vector>

namespace portolan::world {

// Where something stands in a file, both from 1. Line 0: nowhere, as for a
// resource that is already stored.
struct Place {
  int line = 0;
  int column = 0;
  friend bool operator==(const Place&, const Place&) = default;
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

// Where the problems of one file are gathered.
class ProblemList {
 public:
  explicit ProblemList(std::string file) : file_(std::move(file)) {}

  void add(Place place, std::string sentence) {
    problems_.push_back({file_, place, std::move(sentence)});
  }
  const std::string& file() const { return file_; }
  const std::vector<Problem>& all() const { return problems_; }

 private:
  std::string file_;
  std::vector<Problem> problems_;
};

}  // namespace portolan::world
