#include "sim/weather.h"

#include <algorithm>
#include <utility>

namespace portolan::sim {

Weather::Harm Weather::begin(std::string part, Instant from) {
  harms_.push_back({std::move(part), from, Instant::never()});
  return harms_.size() - 1;
}

bool Weather::fair(std::string_view part, Instant from, Instant until) const {
  return std::ranges::none_of(harms_, [&](const Span& harm) {
    return harm.part == part && harm.from <= until && harm.until >= from;
  });
}

bool Weather::fair_between(const std::string& one, const std::string& other, Instant from,
                           Instant until) const {
  return fair(one, from, until) && fair(other, from, until) &&
         fair(one + ">" + other, from, until) && fair(other + ">" + one, from, until);
}

}  // namespace portolan::sim
