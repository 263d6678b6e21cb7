#pragma once

#include <cstdint>
#include <span>

namespace portolan::policy {

// Requests at once: what a place's healthy engines have slots for, and what 95 %
// of the samples of its load do not exceed. Both are measured by its gateways.
struct PlaceLoad {
  std::uint64_t slots = 0;
  std::uint64_t busy_p95 = 0;
};

struct Carrying {
  std::uint64_t spare = 0;   // of the neighbours together
  std::uint64_t needed = 0;  // the p95 of what would leave
  bool holds() const { return spare >= needed; }
};

// Whether the neighbours have room for what a place does when it is gone: their
// slots less their p95 load, together, at least its p95. A neighbour that is over
// its slots lends nothing, and takes none of the others' room.
Carrying neighbours_carry(std::span<const PlaceLoad> neighbours, std::uint64_t leaving_p95);

}  // namespace portolan::policy
