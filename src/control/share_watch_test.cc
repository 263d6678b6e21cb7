#include "control/share_watch.h"

#include <gtest/gtest.h>

namespace portolan::control {
namespace {

constexpr WallTime day{1'700'000'000'000'000'000};
const Instant start{1'000'000'000'000};

// Region mx-1 with zone mx-1a and two gateways there; eu-1a elsewhere.
world::Contents contents() {
  world::Contents all;
  model::Zone here{.name = "mx-1a", .region = "mx-1", .labels = {}, .gateways = {}};
  here.gateways = {{.id = "g-1", .url = "", .hop = ""}, {.id = "g-2", .url = "", .hop = ""}};
  model::Zone elsewhere{.name = "eu-1a", .region = "eu-1", .labels = {}, .gateways = {}};
  all.network.zones = {elsewhere, here};
  return all;
}

model::Opening opening() {
  model::Opening of;
  of.name = "mexico";
  of.region = "mx-1";
  return of;
}

struct ShareWatchTest : ::testing::Test {
  void tell(const std::string& gateway, const std::string& zone, std::uint64_t world,
            std::uint64_t entered, world::ComputedSaid computed = {}) {
    world::PollRequest said;
    said.gateway = gateway;
    said.zone = zone;
    said.world = world::Seen{{"net", 1, world}, "hash"};
    said.served = world::WorldServed{};
    said.served->since.requests = entered;
    said.computed = computed;
    EXPECT_TRUE(gateways.note(said, now));
  }
  policy::ShareEvidence look(bool shared = false) {
    return watch.look(contents(), opening(), gateways,
                      {.now = start + (now - day), .date = now, .shared = shared});
  }

  GatewayRecords gateways;
  ShareWatch watch;
  WallTime now = day;
};

TEST_F(ShareWatchTest, WhatCameBeforeTheShareIsNotCounted) {
  watch.begin(10, {}, start);
  tell("g-1", "mx-1a", 3, 500, {200, 9});
  EXPECT_EQ(look().here, (policy::ShareCounts{0, 0, 0, 0}));
  tell("g-1", "mx-1a", 3, 507, {203, 10});
  EXPECT_EQ(look().here, (policy::ShareCounts{10, 1, 0, 0}));
  EXPECT_EQ(look().here, (policy::ShareCounts{10, 1, 0, 0})) << "nothing is counted twice";
}

TEST_F(ShareWatchTest, ANewWorldAndARestartBeginAnew) {
  watch.begin(10, {}, start);
  tell("g-1", "mx-1a", 3, 500, {200, 0});
  (void)look();
  tell("g-1", "mx-1a", 4, 20, {204, 0});
  EXPECT_EQ(look().here.requests, 24u) << "its World's count is a new one";
  tell("g-1", "mx-1a", 4, 2, {3, 0});
  EXPECT_EQ(look().here.requests, 29u) << "it was restarted";
}

TEST_F(ShareWatchTest, WhatIsElsewhereIsComparedWithAndWhatWasRecordedGoesOn) {
  watch.begin(10, {40, 2, 1, 0}, start);
  tell("g-1", "mx-1a", 3, 0);
  tell("g-9", "eu-1a", 3, 0);
  (void)look();
  tell("g-1", "mx-1a", 3, 5);
  tell("g-9", "eu-1a", 3, 300);
  const auto evidence = look();
  EXPECT_EQ(evidence.here, (policy::ShareCounts{45, 2, 1, 0}));
  EXPECT_EQ(evidence.others.requests, 300u);
}

TEST_F(ShareWatchTest, AGatewayThatIsNotHeardIsSilentUnlessAnotherControlMayHearIt) {
  watch.begin(10, {}, start);
  tell("g-1", "mx-1a", 3, 0);
  gateways.note_end("g-1", now);
  tell("g-old", "mx-1a", 3, 0);
  gateways.note_end("g-old", now);
  now = now + Duration::seconds(20);
  const auto evidence = look();
  ASSERT_EQ(evidence.gateways.size(), 2u) << "what its zone does not name is not waited for";
  for (const auto& gateway : evidence.gateways) {
    EXPECT_EQ(gateway.silent, Duration::seconds(20)) << gateway.id;
  }
  EXPECT_TRUE(look(true).gateways.empty());
}

}  // namespace
}  // namespace portolan::control
