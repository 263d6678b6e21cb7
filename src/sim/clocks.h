#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "sim/atlas.h"

namespace portolan::sim {

// How far which machine's clock was off, and when.
class Clocks {
 public:
  void note(const std::string& machine, Instant from, Duration error);

  // The dates that matter between two moments, as that machine saw them: at both
  // ends, at every jump of its clock, and on both sides of every date of a rule.
  std::vector<WallTime> dates(const std::string& machine, Instant from, Instant until,
                              const Atlas& atlas) const;

 private:
  struct Error {
    Instant from;
    Duration by;
  };
  std::map<std::string, std::vector<Error>> errors_;
};

}  // namespace portolan::sim
