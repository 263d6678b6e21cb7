// Two controls, each polled by a part of the gateways, and what they know by one another.

#include "control/parity_report.h"
#include "control/two_controls_test_support.h"

namespace portolan::control {
namespace {

using namespace testing;

using Gateways = std::deque<PollingGateway>;
using Worlds = std::vector<std::uint64_t>;

// The plots of RolloutStage, with a second control.
struct ToldTest : RolloutStage {
  using Scene = Task<void> (*)(Stage& stage, Gateways& gateways, SecondControl& second);

  static void act(Scene scene) {
    scene_ = scene;
    RolloutStage::act([](Stage& stage, Gateways& gateways) -> Task<void> {
      auto options = paced();
      auto second = co_await begin_second(stage, std::move(options));
      co_await scene_(stage, gateways, *second);
      co_await end_second(*second, gateways);
    });
  }

 private:
  static inline Scene scene_ = nullptr;
};

// Zone eu-1a, which is the first, and sg-1a poll the second control.
Task<void> divide(Stage& stage, Gateways& gateways, SecondControl& second) {
  gateways[0].other = second.control.get();
  gateways[3].other = second.control.get();
  co_await wait(stage, 10);
}

Task<void> begin_change(Stage& stage) {
  auto text = scope_text("wide", "eu");
  const auto applied = co_await apply(stage, std::move(text));
  EXPECT_TRUE(applied.problems.empty());
}

std::string why_of(Stage& stage) { return stage.control->state().rollout->why; }

TEST_F(ToldTest, HarmAtGatewaysOfAnotherControlTakesTheWorldBack) {
  act([](Stage& stage, Gateways& gateways, SecondControl& second) -> Task<void> {
    gateways[0].by_world[2].error_share = 0.5;
    co_await divide(stage, gateways, second);
    const Instant began = stage.shard.now();
    co_await begin_change(stage);
    co_await wait_for_steps(stage, 99);
    EXPECT_EQ(phase_of(stage), "gone-back");
    EXPECT_NE(why_of(stage).find("In zone eu-1a"), std::string::npos) << why_of(stage);
    EXPECT_LE(stage.shard.now() - began, policy::wave_back_ms.milliseconds());
    EXPECT_EQ(gateways[0].worlds_taken, (Worlds{1, 2, 3}));
    EXPECT_EQ(gateways[1].worlds_taken, (Worlds{1, 3}));
  });
}

TEST_F(ToldTest, ARefusalToldToAnotherControlTakesTheWorldBackAndIsNamed) {
  act([](Stage& stage, Gateways& gateways, SecondControl& second) -> Task<void> {
    gateways[0].by_world[2].refuses = "no zone x, line 3";
    co_await divide(stage, gateways, second);
    co_await begin_change(stage);
    co_await wait(stage, 15);
    EXPECT_EQ(phase_of(stage), "gone-back");
    EXPECT_NE(why_of(stage).find("refuses it: no zone x, line 3"), std::string::npos);
  });
}

TEST_F(ToldTest, AGoodWorldGoesOnByWhatBothWereToldAndBothSaySo) {
  act([](Stage& stage, Gateways& gateways, SecondControl& second) -> Task<void> {
    co_await divide(stage, gateways, second);
    co_await begin_change(stage);
    co_await wait_for_steps(stage, 99);
    EXPECT_EQ(phase_of(stage), "done");
    for (const auto& step : stage.control->state().rollout->steps) {
      EXPECT_NE(step.verdict.find("served as well as before"), std::string::npos) << step.verdict;
      EXPECT_EQ(step.gateways.size(), step.zones.size());
    }
    co_await wait(stage, 8);
    for (const auto& gateway : gateways) {
      const auto* here = known_at(*stage.control, gateway.id);
      const auto* there = known_at(*second.control, gateway.id);
      EXPECT_TRUE(here != nullptr && there != nullptr) << gateway.id;
      if (here == nullptr || there == nullptr) continue;
      EXPECT_EQ(here->said.world, there->said.world) << gateway.id;
      EXPECT_TRUE(here->connected() && there->connected()) << gateway.id;
    }
  });
}

TEST_F(ToldTest, TheWordOfAControlThatIsGoneExpiresAndHoldsNoWave) {
  act([](Stage& stage, Gateways& gateways, SecondControl& second) -> Task<void> {
    co_await divide(stage, gateways, second);
    co_await begin_change(stage);
    co_await wait_for_steps(stage, 1);
    co_await wait(stage, 5);
    gateways[0].silent = true;
    gateways[3].silent = true;
    co_await second.die();
    EXPECT_TRUE(known_at(*stage.control, "g-eu-1a")->connected());
    co_await wait(stage, 13);
    const auto* known = known_at(*stage.control, "g-eu-1a");
    EXPECT_TRUE(known->lost);
    EXPECT_FALSE(known->connected()) << "nobody vouches for it";
    const auto snapshot =
        parity_snapshot(stage.control->state(), stage.control->gateways(), stage.shard.wall_now());
    for (const auto& said : snapshot.said) EXPECT_NE(said.zone, "eu-1a");
    co_await wait_for_steps(stage, 99);
    EXPECT_EQ(phase_of(stage), "done") << why_of(stage);
  });
}

TEST_F(ToldTest, GatewaysThatFindAnotherControlAreJudgedThere) {
  act([](Stage& stage, Gateways& gateways, SecondControl& second) -> Task<void> {
    co_await divide(stage, gateways, second);
    co_await begin_change(stage);
    co_await wait_for_steps(stage, 1);
    co_await second.die();
    gateways[0].other = nullptr;
    gateways[3].other = nullptr;
    co_await wait(stage, 15);
    EXPECT_FALSE(known_at(*stage.control, "g-eu-1a")->lost);
    co_await wait_for_steps(stage, 99);
    EXPECT_EQ(phase_of(stage), "done");
    EXPECT_NE(stage.control->state().rollout->steps[0].verdict.find("as well as before"),
              std::string::npos);
  });
}

TEST_F(ToldTest, AGatewayThatMovesThereAndBackIsCountedOnceAndByItsLastWord) {
  act([](Stage& stage, Gateways& gateways, SecondControl& second) -> Task<void> {
    co_await begin_change(stage);
    std::uint64_t last = 0;
    for (int i = 0; i < 60 && stage.control->state().rolling_out(); ++i) {
      gateways[0].other = i % 2 == 0 ? second.control.get() : nullptr;
      co_await wait(stage, 3);
      const auto& said = known_at(*stage.control, "g-eu-1a")->said;
      EXPECT_LE(gateways[0].polls - said.turn->number, 6u) << "its word is no old one";
      EXPECT_GE(said.turn->number, last) << "nor one from before the last";
      last = said.turn->number;
      EXPECT_EQ(stage.control->gateways().by_id().size(), gateways.size());
    }
    EXPECT_EQ(phase_of(stage), "done") << why_of(stage);
  });
}

TEST_F(ToldTest, DocumentsThatCannotBeReadAreLeftOutAndNamed) {
  act([](Stage& stage, Gateways& gateways, SecondControl& second) -> Task<void> {
    co_await divide(stage, gateways, second);
    world::PollRequest unknown;
    unknown.gateway = "g-x";
    unknown.zone = "eu-1a";
    const auto whole = render_told("net", {{.said = unknown, .polls = true}});
    auto newer = whole;
    newer.replace(newer.find("\"major\":1"), 9, "\"major\":2");
    store::Transaction foreign;
    foreign.puts = {{.key = "told/half/000", .value = whole.substr(0, whole.size() - 3)},
                    {.key = "told/newer/000", .value = newer},
                    {.key = "told/strange", .value = whole},
                    {.key = "told/other/000", .value = render_told("elsewhere", {})}};
    const auto put = co_await stage.store->commit(foreign);
    EXPECT_TRUE(put);
    co_await wait(stage, 5);
    EXPECT_EQ(known_at(*stage.control, "g-x"), nullptr);
    EXPECT_TRUE(known_at(*stage.control, "g-eu-1a")->connected()) << "the others are read";
    const auto log = log_of(stage);
    for (const auto* key : {"told/half/000", "told/newer/000", "told/strange", "told/other/000"}) {
      EXPECT_NE(log.find(key), std::string::npos) << key;
    }
    EXPECT_NE(log.find("format version 2"), std::string::npos) << "and why";
    auto options = options_of("net");
    auto reopened = co_await Control::open(stage.shard, *stage.store, std::move(options));
    EXPECT_TRUE(reopened) << "nor do they keep a control from starting";
    EXPECT_TRUE(known_at(**reopened, "g-eu-1a")->connected()) << "which knows at once what is told";
  });
}

TEST_F(ToldTest, AControlThatIsAloneWritesOnceAndOneWithoutOthersNever) {
  play([](Stage& stage) -> Task<void> {
    co_await reopen_paced(stage);
    co_await apply(stage, three_regions);
    Gateways gateways = {{"g-eu-1a", "eu-1a"}, {"g-eu-1b", "eu-1b"}};
    runtime::Gate polling(stage.shard, 4);
    for (auto& gateway : gateways) check(polling.start(poll_on(stage, gateway)), "a gate");
    co_await wait(stage, 60);
    const store::RangeRequest all{.prefix = std::string(told_prefix)};
    auto told = co_await stage.store->range(all);
    EXPECT_TRUE(told->items.empty()) << "as on SQLite";
    check(polling.start(stage.control->follow()), "a gate");
    check(polling.start(stage.control->tell_others()), "a gate");
    co_await wait(stage, 1800);
    EXPECT_EQ(stage.control->telling().documents_written(), 1u);
    told = co_await stage.store->range(all);
    EXPECT_EQ(told->items.size(), 1u);
    co_await polling.close();
  });
}

TEST_F(ToldTest, WithNothingOnItsWayNextToNothingIsWrittenHoweverMuchIsServed) {
  act([](Stage& stage, Gateways& gateways, SecondControl& second) -> Task<void> {
    co_await divide(stage, gateways, second);
    const auto before = second.control->telling().documents_written();
    for (auto& gateway : gateways) gateway.requests_per_second = 10'000;
    co_await wait(stage, 1800);
    EXPECT_LE(second.control->telling().documents_written() - before, 4u);
    const store::RangeRequest all{.prefix = std::string(told_prefix)};
    const auto told = co_await stage.store->range(all);
    EXPECT_EQ(told->items.size(), 2u);
    for (const auto& item : told->items) EXPECT_LT(item.value.size(), 4'000u) << item.key;
  });
}

}  // namespace
}  // namespace portolan::control
