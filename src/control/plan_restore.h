#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/gateway_records.h"
#include "control/state.h"

namespace portolan::control {

// What a restored control lacks, as far as gateways tell by what they hold.
struct RestoreGap {
  // The newest that any gateway holds, where that is newer than the backup.
  std::optional<model::Version> world;
  std::optional<model::Version> keyring;
  std::optional<model::Version> restrictions;
  std::vector<std::string> heard;      // gateways of the World that have polled
  std::vector<std::string> not_heard;  // and those that have not
  // Above all that they hold: under it what is sent is newer to each of them.
  std::uint64_t epoch = 0;

  bool lacking() const { return world || keyring || restrictions; }
};

RestoreGap find_restore_gap(const State& state, const RestoredFrom& from,
                            const std::map<std::string, GatewayRecord>& gateways);

// A sentence; empty when nothing is lacking.
std::string render_gap(const RestoredFrom& from, const RestoreGap& gap);

}  // namespace portolan::control
