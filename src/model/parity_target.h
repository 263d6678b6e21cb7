#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/time.h"

namespace portolan::model {

inline constexpr Limit parity_targets_max{"parity_targets_max", 256,
                                          "of one network; each asks for any number of models"};

// What prices there are to be: one in that currency, and neither input nor output dearer than in
// the region of the target where it is cheapest.
struct PriceDemand {
  static constexpr std::uint64_t any = UINT64_MAX;

  std::string currency;                        // ISO 4217
  std::uint64_t percent_above_cheapest = any;  // so much dearer at most
  friend bool operator==(const PriceDemand&, const PriceDemand&) = default;
};

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
  std::optional<PriceDemand> prices{};
  friend bool operator==(const ParityTarget&, const ParityTarget&) = default;
};

}  // namespace portolan::model
