#include "sim/clocks.h"

#include <algorithm>

#include "virtual/virtual_shard.h"

namespace portolan::sim {
namespace {

WallTime date_at(Instant when, Duration error) {
  return virtual_time::first_day + Duration::nanoseconds(when.ns) + error;
}

}  // namespace

void Clocks::note(const std::string& machine, Instant from, Duration error) {
  errors_[machine].push_back({from, error});
}

std::vector<WallTime> Clocks::dates(const std::string& machine, Instant from, Instant until,
                                    const Atlas& atlas) const {
  std::vector<Error> errors = {{Instant{}, Duration{}}};
  if (const auto found = errors_.find(machine); found != errors_.end()) {
    errors.insert(errors.end(), found->second.begin(), found->second.end());
  }
  std::vector<WallTime> dates;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    const Instant begins = std::max(from, errors[i].from);
    const Instant ends = i + 1 < errors.size() ? std::min(until, errors[i + 1].from) : until;
    if (begins > ends) continue;
    const WallTime first = date_at(begins, errors[i].by);
    const WallTime last = date_at(ends, errors[i].by);
    dates.push_back(first);
    dates.push_back(last);
    const auto add = [&](WallTime date) {
      if (date >= first && date <= last) dates.push_back(date);
    };
    for (const AtlasRule& rule : atlas.rules) {
      for (const auto& date : {std::optional(rule.from), rule.until}) {
        if (!date) continue;
        add(*date);
        add(*date - Duration::nanoseconds(1));
      }
    }
  }
  return dates;
}

}  // namespace portolan::sim
