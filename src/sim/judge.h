#pragma once

#include <cstddef>
#include <vector>

#include "sim/observed.h"

namespace portolan::sim {

// What was allowed, and what was owed, in a scenario that is over: the oracle
// under every World and date that a gateway may have gone by.
class Judge {
 public:
  explicit Judge(const Observed& observed) : observed_(observed) {}

  // P1, for the entry: at some moment between these it could send the request to
  // that zone.
  bool could_send(const Sighting& seen, std::size_t zone, Instant from, Instant until) const;
  // P1, for the executor: at some moment between these it could run it.
  bool could_run(const Sighting& seen, std::size_t zone, Instant from, Instant until) const;
  // P3 is owed: the entry lived, was reached and lets the request in under every
  // World and date; and so did a zone that may run it, and its engine.
  bool is_owed(const Sighting& seen) const;
  // A zone that could have been tried was harmed while the request ran.
  bool some_zone_was_harmed(const Sighting& seen) const;

 private:
  std::vector<std::size_t> editions_by(Instant until) const;
  std::vector<std::size_t> editions_of_entry(const Sighting& seen, Instant until) const;
  std::vector<std::size_t> editions_held(std::size_t zone, Instant from, Instant until) const;
  std::vector<WallTime> dates(std::size_t zone, Instant from, Instant until) const;
  // Under one of those Worlds, at one of those moments.
  bool allowed_by_one(const std::vector<std::size_t>& editions, const Sighting& seen,
                      std::size_t zone, const std::vector<WallTime>& moments) const;
  bool door_is_open(const Sighting& seen) const;
  bool runs_surely(const Sighting& seen, std::size_t zone) const;

  const Observed& observed_;
};

}  // namespace portolan::sim
