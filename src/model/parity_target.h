#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/time.h"

namespace portolan::model {

inline constexpr Limit parity_targets_max{"parity_targets_max", 256,
                                          "of one network; each asks for any number of models"};

// What regions should have, and by when: models with their features and limits.
// Parity is measured against all of them, and against every model in every region
// where there is none. Gateways do not need it: it is in no World, and a change of
// it is no change of theirs.
struct ParityTarget {
  std::string name;
  std::vector<std::string> models;    // by name, or * for all
  std::vector<std::string> regions;   // regions, groups, country:XX, or * for all
  std::vector<std::string> except;    // of these, not
  std::vector<std::string> features;  // none: those that each model has
  std::uint64_t context = 0;          // tokens, per request; 0: what each model has
  std::uint64_t slots = 0;            // requests at once, in a whole region; 0: any
  WallTime by{INT64_MAX};             // from then on a gap is overdue
  friend bool operator==(const ParityTarget&, const ParityTarget&) = default;
};

}  // namespace portolan::model
