#pragma once

#include <cstddef>
#include <vector>

#include "gateway/gateway_limits.h"
#include "policy/try_world.h"

namespace portolan::gateway {

// What decided the last answers of this process, so that a new World is tried on
// them. Names alone; in memory alone: a restart forgets them.
//
// Lives on: the gateway's shard.  Owner: its Knowledge.
class RecentDecisions {
 public:
  void note(policy::Decided decided);
  // In no order.
  const std::vector<policy::Decided>& all() const { return kept_; }

 private:
  std::vector<policy::Decided> kept_;  // at most decisions_kept_max, then a ring
  std::size_t oldest_ = 0;
};

}  // namespace portolan::gateway
