#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "gateway/gateway_limits.h"

namespace portolan::gateway {

// How many requests this gateway had at its zone's engines, looked at once a probe
// interval: short ones are seen as often as they are there.
//
// Lives on: the gateway's shard.  Owner: who probes the engines.
class LoadHistory {
 public:
  void note(std::uint32_t in_flight);
  // So many that 95 % of the samples kept have no more (nearest rank). Nothing
  // before the first.
  std::optional<std::uint32_t> p95() const;

 private:
  std::array<std::uint32_t, load_samples_max.value> samples_{};
  std::size_t noted_ = 0;
};

}  // namespace portolan::gateway
