#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "control/gateway_records.h"
#include "control/state.h"
#include "policy/catalogue.h"
#include "policy/parity.h"

namespace portolan::control {

inline constexpr Limit parity_cells_max{"parity_cells_max", 250'000,
                                        "models times regions that parity is measured for"};
inline constexpr Limit parity_gaps_shown_max{"parity_gaps_shown_max", 10'000,
                                             "in one answer, of which the rest is counted"};

// All that parity is measured from, as of one moment; a value, for another thread.
struct ParitySnapshot {
  struct Said {
    std::string zone;
    std::optional<world::Seen> world;
    std::optional<world::EngineTally> engines;
  };

  std::shared_ptr<const world::Contents> contents;
  std::shared_ptr<const world::Contents> before;  // of a rollout; null: there is none
  std::string before_hash;
  Numbers numbers;
  model::Restrictions restrictions;
  std::vector<Said> said;  // by gateways that live
  WallTime now;
  std::set<std::string> silent_zones{};  // of gateways that are known to live no more
};
ParitySnapshot parity_snapshot(const State& state, const GatewayRecords& gateways, WallTime now);
// Regions of whose gateways nothing is known here. `told`: other controls tell of theirs, so that
// those which are silent are so everywhere.
std::set<std::string> unheard_regions(const ParitySnapshot& snapshot, bool told);

// What is looked at; empty: all. Regions by name, group, country:XX or *.
struct ParityFilter {
  std::vector<std::string> regions;
  std::vector<std::string> models;  // by name or alias
};

// Something that a region should have and has not. What is missing because the
// whole model is, or its price, is counted in that gap and has none of its own.
struct ParityGap {
  std::string region;
  std::string model;
  policy::ParityItem item;
  policy::Missing missing{};
  std::uint64_t found = 0;
  std::uint64_t items = 1;
  std::vector<std::string> rules;
  std::string target;  // empty: none asks for it by name
  WallTime by{INT64_MAX};
  bool overdue = false;
};

struct ParityReport {
  std::vector<std::pair<std::string, policy::ParityShare>> regions;  // those looked at, by name
  std::vector<ParityGap> gaps;                                       // by region, then model
};

// Slow, for another thread than the shard's. Errors: resource_not_found where
// there is no World; invalid_parameter for a place or model that it does not have;
// limit_exceeded beyond parity_cells_max.
Result<ParityReport> report_parity(const ParitySnapshot& snapshot, const ParityFilter& filter);

// What each region offers of each model, to be compared with another look. Errors: as above.
Result<policy::Catalogue> report_offers(const ParitySnapshot& snapshot);
// What each region offers of each model and what it costs there, as JSON. Errors: as above.
Result<wire::Json> report_products(const ParitySnapshot& snapshot, const ParityFilter& filter);

}  // namespace portolan::control
