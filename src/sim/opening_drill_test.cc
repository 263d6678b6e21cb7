#include "runtime/combine.h"
#include "sim/opening_stage_test_support.h"

// What is drained to see whether a place bears it.
namespace portolan::sim {
namespace {

using namespace testing;
using control::OpeningFacts;
using model::Gate;

using Names = std::unordered_set<std::string>;

const Names& drained(OpeningStage& stage) { return stage.control->state().restrictions.drained; }

Task<Status> drain(OpeningStage& stage, std::string place) {
  control::RestrictionWish wish{.place = std::move(place)};
  control::Actor by{.reason = "a test", .break_glass = true};
  auto done = co_await stage.control->restrict(std::move(wish), std::move(by));
  co_return done;
}

Task<std::size_t> marks(OpeningStage& stage) {
  store::RangeRequest request;
  request.prefix = "opening-drill/";
  const auto range = co_await stage.store->range(std::move(request));
  co_return range->items.size();
}

TEST(OpeningDrill, AnOperatorsDrainIsNotTouched) {
  play(region_to_open, [](OpeningStage& stage) -> Task<Status> {
    CO_TRY_DO(co_await drain(stage, "zone-a"));
    CO_TRY(const auto facts, co_await look_for(stage, Gate::loss));
    EXPECT_EQ(drained(stage), Names{"zone-a"});
    EXPECT_NE(facts.drills.at(0).why.find("operator"), std::string::npos);
    EXPECT_TRUE(facts.drills.at(0).probes.empty());
    CO_TRY_DO(co_await stage.look->end("north"));
    EXPECT_EQ(drained(stage), Names{"zone-a"});
    const auto left = co_await marks(stage);
    EXPECT_EQ(left, 0u);
    co_return Status{};
  });
}

TEST(OpeningDrill, ADrainOfTheRegionIsAnOperatorsToo) {
  play(region_to_open, [](OpeningStage& stage) -> Task<Status> {
    CO_TRY_DO(co_await drain(stage, "north"));
    CO_TRY(const auto facts, co_await look_for(stage, Gate::loss));
    EXPECT_EQ(drained(stage), Names{"north"});
    for (const auto& drill : facts.drills) EXPECT_NE(drill.why, "");
    co_return Status{};
  });
}

TEST(OpeningDrill, AZoneWithoutTheOthersEnginesIsMissed) {
  play(region_to_open, [](OpeningStage& stage) -> Task<Status> {
    co_await stage.sites[1]->engine->kill();
    CO_TRY_DO(co_await stage.pass(Duration::seconds(10)));
    CO_TRY(const auto facts, co_await look_for(stage, Gate::loss));
    EXPECT_EQ(facts.drills.at(0).why, "");
    EXPECT_FALSE(facts.drills.at(0).probes.at(0).whole) << "zone-b has nothing to answer by";
    EXPECT_TRUE(facts.drills.at(1).probes.at(0).whole);
    EXPECT_TRUE(drained(stage).empty());
    co_return Status{};
  });
}

TEST(OpeningDrill, OfARegionThatServesOnlyTheNewZoneIsDrained) {
  play(zone_to_open, [](OpeningStage& stage) -> Task<Status> {
    CO_TRY(const auto facts, co_await look_for(stage, Gate::loss));
    EXPECT_EQ(facts.drills.size(), 1u);
    const auto& drill = facts.drills.at(0);
    EXPECT_EQ(drill.zone, "zone-b");
    EXPECT_EQ(drill.why + drill.lifted_why, "");
    EXPECT_EQ(drill.probes.size(), 1u);
    for (const auto& probe : drill.probes) {
      EXPECT_TRUE(probe.whole) << probe.code << probe.why;
      EXPECT_EQ(probe.computed_in, "zone-a");
    }
    EXPECT_TRUE(drained(stage).empty());
    co_return Status{};
  });
}

// A zone alone in its scope: with it drained that scope has no zone.
const std::string scope_of_one =
    "---\nkind: Scope\nmetadata: {name: only-a}\nspec: {include: [zone-a]}\n";

TEST(OpeningDrill, TheGuardKeepsOutWhatIsNotClosed) {
  play(open_region + scope_of_one, [](OpeningStage& stage) -> Task<Status> {
    CO_TRY(const auto facts, co_await look_for(stage, Gate::loss));
    EXPECT_NE(facts.drills.at(0).why.find("only-a"), std::string::npos) << facts.drills.at(0).why;
    EXPECT_TRUE(facts.drills.at(0).probes.empty());
    EXPECT_EQ(facts.drills.at(1).why, "");
    EXPECT_TRUE(drained(stage).empty());
    const auto left = co_await marks(stage);
    EXPECT_EQ(left, 0u);
    co_return Status{};
  });
}

TEST(OpeningDrill, TheGuardHasNothingAgainstAClosedPlace) {
  play(region_to_open + scope_of_one, [](OpeningStage& stage) -> Task<Status> {
    CO_TRY(const auto facts, co_await look_for(stage, Gate::loss));
    for (const auto& drill : facts.drills) {
      EXPECT_EQ(drill.why + drill.lifted_why, "");
      EXPECT_TRUE(drill.probes.at(0).whole);
    }
    EXPECT_TRUE(drained(stage).empty());
    co_return Status{};
  });
}

Task<Result<OpeningFacts>> look_at_loss(OpeningStage& stage) {
  auto facts = co_await look_for(stage, Gate::loss);
  co_return facts;
}

Task<void> cancel_when_drained(OpeningStage& stage, runtime::CancelScope& scope) {
  while (drained(stage).empty()) {
    const Status slept = co_await stage.pass(Duration::milliseconds(1));
    check(slept.has_value(), "nobody calls it off");
  }
  scope.cancel();
}

TEST(OpeningDrill, WhoIsCancelledLiftsWhatItHasDrained) {
  play(region_to_open, [](OpeningStage& stage) -> Task<Status> {
    runtime::CancelScope scope(nullptr);
    runtime::Gate beside(stage.shard(), 1);
    beside.start(cancel_when_drained(stage, scope));
    auto looking = look_at_loss(stage);
    const auto facts = co_await std::move(looking).under(scope);
    co_await beside.drain();
    EXPECT_EQ(facts.error().code, Code::cancelled);
    EXPECT_TRUE(drained(stage).empty());
    const auto left = co_await marks(stage);
    EXPECT_EQ(left, 0u);
    co_return Status{};
  });
}

Task<void> mean_it_when_drained(OpeningStage& stage) {
  while (drained(stage).empty()) {
    const Status slept = co_await stage.pass(Duration::milliseconds(1));
    check(slept.has_value(), "nobody calls it off");
  }
  const Status done = co_await drain(stage, "zone-a");
  EXPECT_TRUE(done);
}

TEST(OpeningDrill, WhatAnOperatorDrainsMeanwhileStaysDrained) {
  play(region_to_open, [](OpeningStage& stage) -> Task<Status> {
    runtime::Gate beside(stage.shard(), 1);
    beside.start(mean_it_when_drained(stage));
    const auto facts = co_await look_for(stage, Gate::loss);
    co_await beside.drain();
    EXPECT_EQ(drained(stage), Names{"zone-a"});
    EXPECT_NE(facts->drills.at(0).lifted_why.find("operator"), std::string::npos);
    co_return Status{};
  });
}

Task<Status> mark(OpeningStage& stage, std::string zone, std::string opening) {
  store::Transaction transaction;
  transaction.puts.push_back(
      {.key = "opening-drill/" + zone, .value = std::move(opening), .lease = 0});
  CO_TRY_DO(co_await stage.store->commit(std::move(transaction)));
  co_return Status{};
}

TEST(OpeningDrill, WhatAControlThatDiedHasLeftIsLifted) {
  play(region_to_open, [](OpeningStage& stage) -> Task<Status> {
    CO_TRY_DO(co_await mark(stage, "zone-a", "north"));
    CO_TRY_DO(co_await mark(stage, "zone-c", "another"));
    CO_TRY_DO(co_await drain(stage, "zone-a"));
    CO_TRY_DO(co_await drain(stage, "zone-c"));
    CO_TRY_DO(co_await mark(stage, "zone-b", "north"));
    CO_TRY_DO(co_await stage.look->end("north"));
    EXPECT_EQ(drained(stage), Names{"zone-c"});
    const auto left = co_await marks(stage);
    EXPECT_EQ(left, 1u) << "the other opening's";
    co_return Status{};
  });
}

}  // namespace
}  // namespace portolan::sim
