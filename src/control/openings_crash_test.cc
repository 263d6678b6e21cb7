#include "control/openings_stage_test_support.h"

// Controls that die, several controls, and Worlds that go out zone by zone.
namespace portolan::control {
namespace {

using namespace testing;

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// A store that takes so many changes, and then none: what a control sees that dies.
class Dying final : public store::ControlStore {
 public:
  Dying(store::ControlStore& store, int commits) : store_(store), commits_(commits) {}
  bool is_dead() const { return commits_ < 0; }

  Task<Result<store::Range>> range(store::RangeRequest request) override {
    if (is_dead()) co_return died();
    auto range = co_await store_.range(std::move(request));
    co_return range;
  }
  Task<Result<std::uint64_t>> commit(store::Transaction transaction) override {
    if (is_dead() || --commits_ < 0) co_return died();
    auto revision = co_await store_.commit(std::move(transaction));
    co_return revision;
  }
  Task<Result<store::Changes>> watch(store::WatchRequest, Instant) override { co_return died(); }
  Task<Result<std::uint64_t>> grant_lease(Duration) override { co_return died(); }
  Task<Status> keep_alive(std::uint64_t) override { co_return died(); }
  Task<Status> revoke_lease(std::uint64_t) override { co_return died(); }
  Task<Status> begin_behind(std::uint64_t) override { co_return died(); }
  Task<void> close() override { co_return; }

 private:
  static Fault died() { return {Code::store_failed, Retry::never, "the store is gone"}; }

  store::ControlStore& store_;
  int commits_;
};

// Opens Mexico on a control that dies after so many changes. Whether it got that far.
Task<bool> open_until(Stage& stage, int commits) {
  Dying dying(*stage.store, commits);
  auto opened = co_await Control::open(stage.shard, dying, options_of("net"));
  check(opened.has_value(), "control opens");
  OpeningsAt at(stage.shard, **opened, dying);
  at.begin();
  (void)co_await open(at, mexico(skip_all()));
  for (int i = 0; i < 300 && !dying.is_dead(); ++i) {
    const auto record = co_await record_of(at);
    if (record.phase == OpeningPhase::serving) break;
    co_await wait(stage, 1);
  }
  co_await at.end();
  co_return !dying.is_dead();
}

struct OpeningsCrashTest : ControlStage {
  static inline int commits = 0;
  static inline bool went_through = false;
};

TEST_F(OpeningsCrashTest, WhateverChangeIsItsLastTheNextControlGoesOnFromThere) {
  went_through = false;
  for (commits = 1; !went_through && commits < 100; ++commits) {
    play([](Stage& stage) -> Task<void> {
      co_await apply(stage, three_regions);
      went_through = co_await open_until(stage, commits);
      co_await reopen(stage);
      OpeningsAt at(stage.shard, *stage.control, *stage.store);
      const auto before = co_await record_of(at);
      const bool open_to_all =
          world::find(*stage.control->state().contents, world::Kind::region, "mx-1") &&
          !has_rule(*stage.control);
      if (open_to_all) {
        EXPECT_TRUE(before.phase == OpeningPhase::sharing || before.phase == OpeningPhase::serving)
            << commits << ": " << phase_name(before);
      }
      at.begin();
      Mexicans mexicans(stage);
      // An operator repeats what got no answer.
      const auto again = co_await open(at, mexico(skip_all()));
      if (before.phase != OpeningPhase::serving && before.phase != OpeningPhase::sharing) {
        EXPECT_TRUE(again) << commits << ": " << again.error().message;
      }
      const auto record = co_await wait_for_phase(stage, at, OpeningPhase::serving, 300);
      EXPECT_EQ(phase_name(record), "serving") << commits << ": " << record.why;
      EXPECT_EQ(share_of(*stage.control, "mx-1a"), 100u);
      EXPECT_FALSE(is_drained(*stage.control));
      co_await mexicans.leave();
      co_await at.end();
    });
  }
  EXPECT_TRUE(went_through);
  EXPECT_GT(commits, 15);
}

TEST_F(OpeningsCrashTest, OfTwoControlsOneDrivesAndTheOtherTakesItOn) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, three_regions);
    auto opened = co_await Control::open(stage.shard, *stage.store, options_of("net"));
    Control& second = **opened;
    runtime::Gate following(stage.shard, 2);
    check(following.start(stage.control->follow()) && following.start(second.follow()), "a gate");
    OpeningsAt at(stage.shard, *stage.control, *stage.store);
    OpeningsAt other(stage.shard, second, *stage.store);
    at.begin();
    co_await wait(stage, 2);
    other.begin();
    (void)co_await open(other, mexico(skip_all()));
    const auto begun = co_await wait_for_phase(stage, at, OpeningPhase::sharing, 30);
    EXPECT_EQ(phase_name(begun), "sharing");
    co_await at.end();  // it dies
    const auto serving = co_await wait_for_phase(stage, other, OpeningPhase::serving, 400);
    EXPECT_EQ(phase_name(serving), "serving") << serving.why;
    const auto page = co_await second.read_audit(1, audit_page_entries_max.value);
    std::size_t begins = 0;
    for (const auto& entry : page->entries) begins += holds(entry, "\"sharing 10 %\"") ? 1 : 0;
    EXPECT_EQ(begins, 1u);
    co_await other.end();
    co_await following.close();
  });
}

// Worlds go out zone by zone to the gateways of the three regions.
struct OpeningsRolloutTest : RolloutStage {};

TEST_F(OpeningsRolloutTest, AWorldThatGoesBackHoldsItAndSaysWhy) {
  act([](Stage& stage, std::deque<PollingGateway>& gateways) -> Task<void> {
    gateways[2].by_world[2].refuses = "no such region";
    OpeningsAt at(stage.shard, *stage.control, *stage.store);
    at.begin();
    (void)co_await open(at, mexico(skip_all()));
    const auto held = co_await wait_for_phase(stage, at, OpeningPhase::held, 200);
    EXPECT_TRUE(holds(held.why, "World 2 went back")) << held.why;
    EXPECT_TRUE(holds(held.why, "no such region")) << held.why;
    const auto resumed = co_await at.openings.resume("mexico", operator_1);
    EXPECT_TRUE(holds(resumed.error().message, "open its file again")) << "it went back, too";
    co_await at.end();
  });
}

TEST_F(OpeningsRolloutTest, StoppedWhileAnotherWorldIsOnItsWayItIsDrainedUntilItsRuleIsOut) {
  act([](Stage& stage, std::deque<PollingGateway>&) -> Task<void> {
    OpeningsAt at(stage.shard, *stage.control, *stage.store);
    at.begin();
    (void)co_await open(at, mexico(skip_all()));
    const auto begun = co_await wait_for_phase(stage, at, OpeningPhase::sharing, 900);
    EXPECT_EQ(phase_name(begun), "sharing");
    while (stage.control->state().rolling_out()) co_await wait(stage, 1);
    co_await wait(stage, 3);
    co_await apply(stage, scope_text("another", "eu"));
    const auto stopped = co_await at.openings.stop("mexico", operator_1);
    EXPECT_EQ(phase_name(*stopped), "stopped");
    EXPECT_TRUE(stopped->closing);
    EXPECT_TRUE(is_drained(*stage.control)) << "at once";
    EXPECT_TRUE(stage.control->state().rolling_out()) << "that World goes on";
    EXPECT_FALSE(has_rule(*stage.control));
    const auto closed = co_await wait_for_phase(stage, at, OpeningPhase::stopped, 900);
    EXPECT_FALSE(closed.closing);
    EXPECT_TRUE(has_rule(*stage.control));
    EXPECT_FALSE(is_drained(*stage.control));
    co_await at.end();
  });
}

TEST_F(OpeningsRolloutTest, WhoIsRefusedAtItsClosedDoorSendsNoWorldBack) {
  act([](Stage& stage, std::deque<PollingGateway>&) -> Task<void> {
    Mexicans mexicans(stage);
    mexicans.gateways[0].by_world[2].refusal_share = 1;
    mexicans.gateways[1].by_world[2].refusal_share = 1;
    OpeningsAt at(stage.shard, *stage.control, *stage.store);
    at.begin();
    (void)co_await open(at, mexico(skip_all()));
    const auto begun = co_await wait_for_phase(stage, at, OpeningPhase::sharing, 300);
    EXPECT_EQ(phase_name(begun), "sharing") << begun.why;
    co_await mexicans.leave();
    co_await at.end();
  });
}

TEST_F(OpeningsRolloutTest, ItsRuleGoesToAllGatewaysAtOnce) {
  act([](Stage& stage, std::deque<PollingGateway>& gateways) -> Task<void> {
    OpeningsAt at(stage.shard, *stage.control, *stage.store);
    at.begin();
    (void)co_await open(at, mexico(skip_all()));
    const auto begun = co_await wait_for_phase(stage, at, OpeningPhase::sharing, 900);
    EXPECT_EQ(phase_name(begun), "sharing");
    while (stage.control->state().rolling_out()) co_await wait(stage, 1);
    const auto stopped = co_await at.openings.stop("mexico", operator_1);
    EXPECT_FALSE(stopped->closing);
    EXPECT_FALSE(is_drained(*stage.control)) << "there is no need";
    co_await wait(stage, 3);
    for (const auto& gateway : gateways) {
      EXPECT_EQ(gateway.world->version.number, stage.control->state().numbers.world);
    }
    co_await at.end();
  });
}

TEST_F(OpeningsRolloutTest, AShareOnItsWayGoesBackWhenItIsStopped) {
  act([](Stage& stage, std::deque<PollingGateway>&) -> Task<void> {
    OpeningsAt at(stage.shard, *stage.control, *stage.store);
    at.begin();
    (void)co_await open(at, mexico(skip_all()));
    const auto begun = co_await wait_for_phase(stage, at, OpeningPhase::sharing, 900);
    EXPECT_EQ(phase_name(begun), "sharing");
    co_await wait(stage, 5);
    EXPECT_TRUE(stage.control->state().rolling_out()) << "without its rule";
    EXPECT_FALSE(has_rule(*stage.control));
    const auto stopped = co_await at.openings.stop("mexico", operator_1);
    EXPECT_EQ(phase_name(*stopped), "stopped");
    EXPECT_TRUE(has_rule(*stage.control)) << "that World went back";
    EXPECT_FALSE(stage.control->state().rolling_out());
    EXPECT_FALSE(is_drained(*stage.control));
    co_await at.end();
  });
}

}  // namespace
}  // namespace portolan::control
