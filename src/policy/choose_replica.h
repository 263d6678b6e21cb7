#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/random.h"

namespace portolan::policy {

// One engine of a deployment, as its zone sees it now.
struct ReplicaLoad {
  std::uint32_t in_flight = 0;
  std::uint32_t slots = 0;
  bool healthy = true;
};

// The replica that gets the next request, or nothing when none is healthy with a
// free slot: there is no queue, a zone that is full says so.
//
// Power of two choices (Mitzenmacher 2001): sample two and keep the one that is
// less full for its size. Two samples come close to a full scan, and many
// gateways acting on the same stale loads do not herd onto the one replica that
// looks idle.
std::optional<std::size_t> choose_replica(std::span<const ReplicaLoad> replicas, Random& random);

}  // namespace portolan::policy
