#include "policy/choose_replica.h"

namespace portolan::policy {
namespace {

bool free_slot(const ReplicaLoad& replica) {
  return replica.healthy && replica.in_flight < replica.slots;
}

// The position of the `rank`-th replica with a free slot.
std::size_t nth_free(std::span<const ReplicaLoad> replicas, std::uint64_t rank) {
  std::size_t position = 0;
  for (;; ++position) {
    if (free_slot(replicas[position]) && rank-- == 0) return position;
  }
}

// in_flight / slots, compared without rounding.
bool less_full(const ReplicaLoad& a, const ReplicaLoad& b) {
  return std::uint64_t{a.in_flight} * b.slots < std::uint64_t{b.in_flight} * a.slots;
}

}  // namespace

std::optional<std::size_t> choose_replica(std::span<const ReplicaLoad> replicas, Random& random) {
  std::uint64_t free = 0;
  for (const ReplicaLoad& replica : replicas) free += free_slot(replica) ? 1 : 0;
  if (free == 0) return std::nullopt;
  if (free == 1) return nth_free(replicas, 0);

  const std::uint64_t first = random.below(free);
  std::uint64_t other = random.below(free - 1);
  if (other >= first) ++other;  // two different ones, each pair alike
  const std::size_t one = nth_free(replicas, first);
  const std::size_t two = nth_free(replicas, other);
  return less_full(replicas[two], replicas[one]) ? two : one;
}

}  // namespace portolan::policy
