#include "control/openings_stage_test_support.h"

namespace portolan::control {
namespace {

using namespace testing;

struct OpeningsChangesTest : OpeningsStage {};

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

Task<void> remove(Stage& stage, world::Kind kind, std::string name) {
  RemoveRequest request{{kind, std::move(name)}, {}};
  Actor by{.admin = "0123456789ab", .reason = "by hand", .break_glass = true};
  const auto removed = co_await stage.control->remove(std::move(request), std::move(by));
  EXPECT_TRUE(removed && removed->problems.empty());
}

TEST_F(OpeningsChangesTest, StoppedWhileItSharesItIsClosedAtOnce) {
  act([](Stage& stage, OpeningsAt& at) -> Task<void> {
    (void)co_await open(at, mexico(skip_all()));
    co_await wait(stage, 8);
    EXPECT_FALSE(has_rule(*stage.control));
    const auto stopped = co_await at.openings.stop("mx-1", operator_1);
    EXPECT_TRUE(stopped);
    EXPECT_EQ(phase_name(*stopped), "stopped");
    EXPECT_EQ(stopped->why, "because");
    EXPECT_TRUE(has_rule(*stage.control));
    EXPECT_FALSE(is_drained(*stage.control));
    co_await wait(stage, 120);
    const auto later = co_await record_of(at);
    EXPECT_EQ(phase_name(later), "stopped") << "it stays so";
    const auto resumed = co_await at.openings.resume("mexico", operator_1);
    EXPECT_EQ(phase_name(*resumed), "applying");
    EXPECT_TRUE(resumed->shares.empty());
    const auto shares = co_await wait_for_phase(stage, at, OpeningPhase::sharing, 20);
    EXPECT_EQ(phase_name(shares), "sharing");
  });
}

TEST_F(OpeningsChangesTest, DrainedClosedAndReopened) {
  act([](Stage& stage, OpeningsAt& at) -> Task<void> {
    (void)co_await open(at, mexico(skip_all()));
    Mexicans mexicans(stage);
    auto record = co_await wait_for_phase(stage, at, OpeningPhase::serving, 300);
    EXPECT_EQ(phase_name(record), "serving");
    const auto drained = co_await at.openings.drain("mx-1", operator_1);
    EXPECT_EQ(phase_name(**drained), "drained");
    EXPECT_TRUE(is_drained(*stage.control));
    EXPECT_FALSE(has_rule(*stage.control));
    const auto early = co_await at.openings.resume("mexico", operator_1);
    EXPECT_TRUE(holds(early.error().message, "Reopen it")) << early.error().message;
    const auto closed = co_await at.openings.close("mexico", operator_1);
    EXPECT_EQ(phase_name(*closed), "closed");
    EXPECT_TRUE(is_drained(*stage.control) && has_rule(*stage.control));
    const auto opened = co_await open(at, mexico(skip_all()));
    EXPECT_TRUE(opened);
    record = co_await wait_for_phase(stage, at, OpeningPhase::sharing, 20);
    EXPECT_EQ(phase_name(record), "sharing") << "a file opens it again, too";
    EXPECT_FALSE(is_drained(*stage.control));
    const auto closed_again = co_await at.openings.close("mexico", operator_1);
    EXPECT_TRUE(closed_again);
    const auto reopened = co_await at.openings.reopen("mexico", operator_1);
    EXPECT_EQ(phase_name(*reopened), "applying");
    record = co_await wait_for_phase(stage, at, OpeningPhase::sharing, 20);
    EXPECT_FALSE(is_drained(*stage.control));
    EXPECT_EQ(share_of(*stage.control, "mx-1a"), 1u) << "from the smallest share on";
    record = co_await wait_for_phase(stage, at, OpeningPhase::serving, 300);
    EXPECT_EQ(phase_name(record), "serving");
    co_await mexicans.leave();
  });
}

TEST_F(OpeningsChangesTest, APlaceThatWasNeverOpenedIsDrainedAllTheSame) {
  act([](Stage& stage, OpeningsAt& at) -> Task<void> {
    const auto drained = co_await at.openings.drain("sg-1", operator_1);
    EXPECT_TRUE(drained);
    EXPECT_FALSE(*drained);
    EXPECT_TRUE(stage.control->state().restrictions.drained.contains("sg-1"));
    const auto closed = co_await at.openings.close("sg-1", operator_1);
    EXPECT_EQ(closed.error().code, Code::resource_not_found);
    const auto nowhere = co_await at.openings.drain("sg-9", operator_1);
    EXPECT_TRUE(holds(nowhere.error().message, "Did you mean 'sg-1'")) << nowhere.error().message;
  });
}

TEST_F(OpeningsChangesTest, ARuleThatIsRemovedByHandIsPutBackAndTheOpeningHeld) {
  act([](Stage& stage, OpeningsAt& at) -> Task<void> {
    (void)co_await open(at, mexico());
    co_await wait(stage, 10);
    co_await remove(stage, world::Kind::rule, "opening-mexico");
    const auto held = co_await wait_for_phase(stage, at, OpeningPhase::held, 120);
    EXPECT_TRUE(holds(held.why, "The Rule 'opening-mexico' was removed")) << held.why;
    EXPECT_TRUE(has_rule(*stage.control));
    co_await remove(stage, world::Kind::rule, "opening-mexico");
    co_await wait(stage, 10);
    EXPECT_TRUE(has_rule(*stage.control)) << "what is held does not serve";
  });
}

TEST_F(OpeningsChangesTest, AnOpeningThatIsRemovedIsHeldAndLeftAlone) {
  act([](Stage& stage, OpeningsAt& at) -> Task<void> {
    (void)co_await open(at, mexico());
    co_await wait(stage, 10);
    co_await remove(stage, world::Kind::opening, "mexico");
    const auto held = co_await wait_for_phase(stage, at, OpeningPhase::held, 120);
    EXPECT_TRUE(holds(held.why, "was removed")) << held.why;
    EXPECT_TRUE(has_rule(*stage.control));
    co_await remove(stage, world::Kind::rule, "opening-mexico");
    co_await wait(stage, 10);
    EXPECT_FALSE(has_rule(*stage.control)) << "nothing is left that would close it";
  });
}

TEST_F(OpeningsChangesTest, AShareThatSomebodyElseSetsHoldsIt) {
  act([](Stage& stage, OpeningsAt& at) -> Task<void> {
    (void)co_await open(at, mexico(skip_all()));
    Mexicans mexicans(stage);
    co_await wait(stage, 8);
    co_await apply(stage, region_text("mx-1", "MX", {"mx-1a", "mx-1b"}));
    const auto held = co_await wait_for_phase(stage, at, OpeningPhase::held, 60);
    EXPECT_TRUE(holds(held.why, "The share of zone 'mx-1a' was set to 100")) << held.why;
    EXPECT_TRUE(has_rule(*stage.control));
    co_await mexicans.leave();
  });
}

TEST_F(OpeningsChangesTest, EveryPhaseAndVerdictIsInTheAuditLog) {
  act([](Stage& stage, OpeningsAt& at) -> Task<void> {
    (void)co_await open(at, mexico());
    co_await wait(stage, 60);
    (void)co_await at.openings.stop("mexico", operator_1);
    const auto page = co_await stage.control->read_audit(1, audit_page_entries_max.value);
    std::string all;
    for (const auto& entry : page->entries) all += entry;
    for (const auto part :
         {"\"done\":\"begun\"", "\"done\":\"gates\"", "\"done\":\"gate reach red\"",
          "\"done\":\"stopped\"", "\"act\":\"opening\""}) {
      EXPECT_TRUE(holds(all, part)) << part;
    }
    EXPECT_LT(page->entries.size(), 30u) << "the same again is not told again";
  });
}

}  // namespace
}  // namespace portolan::control
