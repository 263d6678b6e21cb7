#include "policy/choose_replica.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <vector>

namespace portolan::policy {
namespace {

std::vector<ReplicaLoad> random_replicas() {
  std::vector<ReplicaLoad> replicas(*rc::gen::inRange<std::size_t>(0, 8));
  for (auto& replica : replicas) {
    replica.slots = *rc::gen::inRange<std::uint32_t>(0, 5);
    replica.in_flight = *rc::gen::inRange<std::uint32_t>(0, 6);
    replica.healthy = *rc::gen::arbitrary<bool>();
  }
  return replicas;
}

double fullness(const ReplicaLoad& replica) {
  return static_cast<double>(replica.in_flight) / replica.slots;
}

TEST(ChooseReplica, NothingWithoutAFreeHealthySlot) {
  Random random(1);
  const std::vector<ReplicaLoad> none{{4, 4, true}, {0, 4, false}, {0, 0, true}, {9, 4, true}};
  EXPECT_FALSE(choose_replica({}, random));
  EXPECT_FALSE(choose_replica(none, random));
}

TEST(ChooseReplica, TakesAFreeHealthySlotWheneverThereIsOne) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    Random random(seed);
    const auto replicas = random_replicas();
    const auto chosen = choose_replica(replicas, random);
    const bool any = std::ranges::any_of(replicas, [](const ReplicaLoad& replica) {
      return replica.healthy && replica.in_flight < replica.slots;
    });
    RC_ASSERT(chosen.has_value() == any);
    if (!chosen) return;
    RC_ASSERT(replicas[*chosen].healthy);
    RC_ASSERT(replicas[*chosen].in_flight < replicas[*chosen].slots);
  }));
}

TEST(ChooseReplica, NeverTakesTheStrictlyBusiest) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    Random random(seed);
    auto replicas = random_replicas();
    replicas.push_back({3, 4, true});
    replicas.push_back({0, 4, true});
    const auto chosen = choose_replica(replicas, random);
    RC_ASSERT(chosen.has_value());
    std::size_t others_as_full = 0;
    for (std::size_t i = 0; i < replicas.size(); ++i) {
      const bool open = replicas[i].healthy && replicas[i].in_flight < replicas[i].slots;
      if (open && i != *chosen && fullness(replicas[i]) >= fullness(replicas[*chosen])) {
        ++others_as_full;
      }
    }
    RC_ASSERT(others_as_full > 0u);
  }));
}

TEST(ChooseReplica, EqualReplicasShareByChance) {
  Random random(3);
  const std::vector<ReplicaLoad> replicas(4, ReplicaLoad{1, 4, true});
  std::array<int, 4> counts{};
  for (int i = 0; i < 4'000; ++i) ++counts[*choose_replica(replicas, random)];
  for (const int count : counts) EXPECT_GT(count, 850);
}

}  // namespace
}  // namespace portolan::policy
