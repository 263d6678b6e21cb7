#include "world/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <tuple>
#include <unordered_map>

namespace portolan::world {

std::string render_problem(const Problem& problem) {
  if (problem.place.line == 0) return fmt::format("{}: {}", problem.file, problem.sentence);
  return fmt::format("{}:{}:{}: {}", problem.file, problem.place.line, problem.place.column,
                     problem.sentence);
}

void ProblemList::add(Problem problem) {
  if (!full()) {
    problems_.push_back(std::move(problem));
  } else {
    ++beyond_;
  }
}

bool ProblemList::has_one_at(const std::string& file, Place place) const {
  return std::ranges::any_of(problems_, [&](const Problem& problem) {
    return problem.place == place && problem.file == file;
  });
}

std::vector<Problem> ProblemList::take_sorted() {
  std::unordered_map<std::string, std::size_t> order;
  for (const Problem& problem : problems_) order.emplace(problem.file, order.size());
  std::ranges::sort(problems_, {}, [&](const Problem& problem) {
    return std::tuple(order.at(problem.file), problem.place, std::string_view(problem.sentence));
  });
  if (beyond_ > 0) {
    problems_.push_back({problems_.back().file, {}, fmt::format("And {} more problems.", beyond_)});
  }
  return std::move(problems_);
}

}  // namespace portolan::world
