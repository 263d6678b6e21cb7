#include "policy/choose_zone.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <map>

#include "policy/small_world_test.h"

namespace portolan::policy {
namespace {

constexpr Instant now{1'000};

// Asks in cn-a of the small world.
struct Asker {
  model::View view = small_world().view();
  std::vector<ZoneHint> hints = std::vector<ZoneHint>(6);
  Random random{7};

  std::optional<ZoneChoice> choose(const std::vector<std::string>& candidates) {
    model::ZoneMask mask;
    for (const auto& name : candidates) mask.add(zone_of(view, name));
    return choose_zone(*view.world, mask, zone_of(view, "cn-a"), hints, now, random);
  }
  std::string name(const std::optional<ZoneChoice>& choice) const {
    return choice ? view.world->zone(choice->zone).name : "none";
  }
  void back_off(std::string_view zone, Instant until) {
    hints[zone_of(view, zone).value].usable_from = until;
  }
};

TEST(ChooseZone, NothingOfNothingAndNothingOfWhatIsPassedOver) {
  Asker asker;
  EXPECT_FALSE(asker.choose({}));
  asker.back_off("cn-a", now + Duration{1});
  EXPECT_FALSE(asker.choose({"cn-a"}));
  asker.back_off("cn-a", now);
  EXPECT_EQ(asker.name(asker.choose({"cn-a"})), "cn-a");
}

TEST(ChooseZone, GoesHereThenToItsRegionThenToTheNearest) {
  using Why = ZoneChoice::Why;
  Asker asker;
  const auto first = asker.choose({"cn-a", "cn-b", "sg-a", "eu-1-a"});
  EXPECT_EQ(asker.name(first), "cn-a");
  EXPECT_EQ(first->why, Why::here);
  asker.back_off("cn-a", Instant::never());
  const auto second = asker.choose({"cn-a", "cn-b", "sg-a", "eu-1-a"});
  EXPECT_EQ(asker.name(second), "cn-b");
  EXPECT_EQ(second->why, Why::same_region);
  const auto third = asker.choose({"sg-a", "eu-1-a"});
  EXPECT_EQ(asker.name(third), "sg-a");
  EXPECT_EQ(third->why, Why::nearest);
  EXPECT_NEAR(third->distance_km, 3630, 60);  // Hangzhou to Singapore
}

TEST(ChooseZone, ZonesAtOneDistanceShareByChance) {
  Asker asker;
  std::map<std::string, int> counts;
  for (int i = 0; i < 1'000; ++i) ++counts[asker.name(asker.choose({"sg-a", "sg-b", "eu-1-a"}))];
  EXPECT_EQ(counts.size(), 2u);
  EXPECT_GT(counts["sg-a"], 400);
  EXPECT_GT(counts["sg-b"], 400);
}

// Asks in cn-a, when eu-1-a and sg-a have these shares.
struct SharedAsker : Asker {
  explicit SharedAsker(std::uint32_t sg, std::uint32_t eu = 100) {
    Parts parts = small_world();
    for (auto& zone : parts.network.zones) {
      if (zone.region == "sg") zone.share = sg;
      if (zone.region == "eu-1") zone.share = eu;
    }
    view = parts.view();
  }
  std::map<std::string, int> count(const std::vector<std::string>& candidates) {
    std::map<std::string, int> counts;
    for (int i = 0; i < 20'000; ++i) ++counts[name(choose(candidates))];
    return counts;
  }
};

TEST(ChooseZone, AZoneThatOpensGetsItsShareOfWhatWouldGoThere) {
  auto tenth = SharedAsker(10).count({"sg-a", "eu-1-a"});
  EXPECT_NEAR(tenth["sg-a"], 2'000, 200);
  EXPECT_EQ(tenth["sg-a"] + tenth["eu-1-a"], 20'000);
  auto hundredth = SharedAsker(1).count({"sg-a", "sg-b", "eu-1-a"});
  EXPECT_NEAR(hundredth["sg-a"] + hundredth["sg-b"], 200, 60);
}

TEST(ChooseZone, AShareGivesNothingToAZoneThatIsNotTheNearest) {
  EXPECT_EQ(SharedAsker(100, 10).count({"sg-a", "eu-1-a"})["sg-a"], 20'000);
}

TEST(ChooseZone, AShareLosesNoRequest) {
  EXPECT_EQ(SharedAsker(1).count({"sg-a"})["sg-a"], 20'000);
  SharedAsker both(1, 1);
  EXPECT_EQ(both.count({"sg-a", "eu-1-a"})["none"], 0);
  both.back_off("sg-a", Instant::never());
  EXPECT_EQ(both.count({"sg-a", "eu-1-a"})["eu-1-a"], 20'000);
}

TEST(ChooseZone, ChoosesACandidateThatIsUsableWheneverThereIsOne) {
  const Asker base;
  EXPECT_TRUE(rc::check([&] {
    Asker asker = base;
    asker.random = Random(*rc::gen::arbitrary<std::uint64_t>());
    model::ZoneMask mask;
    model::ZoneMask usable;
    for (std::uint16_t i = 0; i < 6; ++i) {
      const bool candidate = *rc::gen::arbitrary<bool>();
      const bool backed_off = *rc::gen::arbitrary<bool>();
      if (candidate) mask.add(ZoneIndex{i});
      if (backed_off) asker.hints[i].usable_from = now + Duration{5};
      if (candidate && !backed_off) usable.add(ZoneIndex{i});
    }
    const ZoneIndex here{*rc::gen::inRange<std::uint16_t>(0, 6)};
    const auto choice = choose_zone(*asker.view.world, mask, here, asker.hints, now, asker.random);
    RC_ASSERT(choice.has_value() == !usable.empty());
    if (choice) RC_ASSERT(usable.contains(choice->zone));
    const auto unhinted = choose_zone(*asker.view.world, mask, here, {}, now, asker.random);
    RC_ASSERT(unhinted.has_value() == !mask.empty());
  }));
}

}  // namespace
}  // namespace portolan::policy
