#include "control/openings.h"

#include "control/openings_stage_test_support.h"

namespace portolan::control {
namespace {

using namespace testing;

struct OpeningsTest : OpeningsStage {};

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST_F(OpeningsTest, AFileWithoutAnOpeningOrWithTwoIsRefused) {
  act([](Stage& stage, OpeningsAt& at) -> Task<void> {
    const auto before = stage.control->state().numbers;
    const auto none = co_await open(at, region_text("mx-1", "MX", {"mx-1a"}));
    EXPECT_EQ(none.error().code, Code::invalid_parameter);
    const auto two = co_await open(
        at, mexico() + "---\nkind: Opening\nmetadata: {name: other}\nspec: {zone: mx-1a}\n");
    EXPECT_EQ(two.error().code, Code::invalid_parameter);
    EXPECT_TRUE(holds(two.error().message, "'mexico' and 'other'")) << two.error().message;
    const auto no_zone = co_await open(
        at, region_text("mx-1", "MX", {}) +
                "---\nkind: Opening\nmetadata: {name: other}\nspec: {region: mx-1}\n");
    EXPECT_EQ(no_zone.error().code, Code::invalid_parameter);
    const auto typo = co_await open(at, mexico(", neighbours: [eu-9]"));
    EXPECT_TRUE(typo);
    EXPECT_EQ(typo->applied.problems.at(0).file, "mexico.yaml");
    EXPECT_EQ(stage.control->state().numbers, before) << "nothing was changed";
  });
}

TEST_F(OpeningsTest, APlaceThatServesAlreadyIsNotOpened) {
  act([](Stage& stage, OpeningsAt& at) -> Task<void> {
    const auto before = stage.control->state().numbers;
    const std::string text = "kind: Opening\nmetadata: {name: again}\nspec: {zone: eu-1a}\n";
    const auto refused = co_await open(at, "apiVersion: portolan/v1\n" + text);
    EXPECT_EQ(refused.error().code, Code::resource_conflict);
    EXPECT_TRUE(holds(refused.error().message, "portolan zone drain eu-1a"))
        << refused.error().message;
    EXPECT_EQ(stage.control->state().numbers, before);
    const auto all = co_await at.openings.list();
    EXPECT_TRUE(all->empty());
  });
}

TEST_F(OpeningsTest, TwoOpeningsOfOnePlaceAreAConflictThatNamesBoth) {
  act([](Stage&, OpeningsAt& at) -> Task<void> {
    const auto first = co_await open(at, mexico());
    EXPECT_TRUE(first);
    const std::string text =
        "apiVersion: portolan/v1\nkind: Opening\nmetadata: {name: other}\nspec: {zone: mx-1a}\n";
    const auto refused = co_await open(at, text);
    EXPECT_EQ(refused.error().code, Code::resource_conflict);
    EXPECT_TRUE(holds(refused.error().message, "'mexico' of region 'mx-1'"));
    EXPECT_TRUE(holds(refused.error().message, "'other' of zone 'mx-1a'"));
  });
}

TEST_F(OpeningsTest, ADryRunChangesNothing) {
  act([](Stage& stage, OpeningsAt& at) -> Task<void> {
    const auto before = stage.control->state().numbers;
    const auto dry = co_await open(at, mexico(), true);
    EXPECT_TRUE(dry);
    EXPECT_FALSE(dry->record);
    EXPECT_EQ(dry->applied.results.size(), 6u) << "its rule and scope are told of, too";
    EXPECT_EQ(stage.control->state().numbers, before);
  });
}

TEST_F(OpeningsTest, WithoutGreenGatesItIsHeldAndStaysClosed) {
  act([](Stage& stage, OpeningsAt& at) -> Task<void> {
    const auto opened = co_await open(at, mexico());
    EXPECT_TRUE(opened && opened->record);
    EXPECT_TRUE(has_rule(*stage.control)) << "closed by the apply that brings it";
    EXPECT_EQ(share_of(*stage.control, "mx-1a"), 1u);
    co_await wait(stage, 60);
    const auto asked = co_await record_of(at);
    EXPECT_EQ(phase_name(asked), "gates");
    EXPECT_EQ(asked.gates.at(0).state, GateState::red);
    EXPECT_GT(asked.gates.at(0).tries, 3u);
    EXPECT_EQ(asked.gates.at(1).tries, 0u) << "in their order";
    const auto held = co_await wait_for_phase(stage, at, OpeningPhase::held, 300);
    EXPECT_EQ(phase_name(held), "held");
    EXPECT_TRUE(holds(held.why, "Gate reach is red")) << held.why;
    EXPECT_TRUE(has_rule(*stage.control));
    EXPECT_TRUE(held.shares.empty());
    const auto again = co_await open(at, mexico());
    EXPECT_EQ(phase_name(*again->record), "applying") << "repeated, it begins again";
    EXPECT_EQ(again->record->gates.at(0).tries, 0u);
  });
}

TEST_F(OpeningsTest, RepeatedItGoesOnWhereItIs) {
  act([](Stage& stage, OpeningsAt& at) -> Task<void> {
    const auto first = co_await open(at, mexico());
    co_await wait(stage, 30);
    const auto before = co_await record_of(at);
    const auto same = co_await open(at, mexico());
    EXPECT_TRUE(same && same->record);
    EXPECT_EQ(same->record->began, before.began);
    EXPECT_EQ(same->record->gates.at(0).tries, before.gates.at(0).tries);
    const auto other = co_await open(at, mexico(", clock_ms: 900"));
    EXPECT_EQ(phase_name(*other->record), "applying") << "a new file is looked at anew";
  });
}

TEST_F(OpeningsTest, WithAllGatesPassedItSharesStepByStepAndServes) {
  act([](Stage& stage, OpeningsAt& at) -> Task<void> {
    const auto opened = co_await open(at, mexico(skip_all()));
    EXPECT_TRUE(opened);
    Mexicans mexicans(stage);
    co_await wait(stage, 8);
    const auto first = co_await record_of(at);
    EXPECT_EQ(phase_name(first), "sharing");
    EXPECT_EQ(share_of(*stage.control, "mx-1b"), 1u);
    EXPECT_FALSE(has_rule(*stage.control));
    const auto serving = co_await wait_for_phase(stage, at, OpeningPhase::serving, 300);
    EXPECT_EQ(phase_name(serving), "serving") << serving.why;
    EXPECT_EQ(serving.shares.size(), 3u);
    for (const auto& share : serving.shares) {
      EXPECT_GE(share.requests, 20u);
      EXPECT_TRUE(holds(share.verdict, "went as well as elsewhere")) << share.verdict;
    }
    EXPECT_EQ(share_of(*stage.control, "mx-1a"), 100u);
    for (const auto& [id, key] : stage.control->state().keys) EXPECT_TRUE(key.revoked);
    co_await mexicans.leave();
  });
}

TEST_F(OpeningsTest, APlaceThatNobodyUsesServesAndSaysThatNobodyCame) {
  act([](Stage& stage, OpeningsAt& at) -> Task<void> {
    const auto opened = co_await open(at, mexico(skip_all()));
    EXPECT_TRUE(opened);
    Mexicans mexicans(stage);
    for (auto& gateway : mexicans.gateways) gateway.requests_per_second = 0;
    const auto serving = co_await wait_for_phase(stage, at, OpeningPhase::serving, 300);
    EXPECT_EQ(phase_name(serving), "serving") << serving.why;
    EXPECT_TRUE(holds(serving.shares.back().verdict, "nobody came"));
    const auto stopped = co_await at.openings.stop("mexico", operator_1);
    EXPECT_EQ(stopped.error().code, Code::resource_conflict);
    co_await mexicans.leave();
  });
}

TEST_F(OpeningsTest, HarmClosesItAgain) {
  act([](Stage& stage, OpeningsAt& at) -> Task<void> {
    const auto opened = co_await open(at, mexico(skip_all()));
    EXPECT_TRUE(opened);
    Mexicans mexicans(stage);
    for (std::uint64_t world = 1; world < 9; ++world) {
      mexicans.gateways[0].by_world[world].error_share = 0.5;
    }
    const auto held = co_await wait_for_phase(stage, at, OpeningPhase::held, 120);
    EXPECT_EQ(phase_name(held), "held");
    EXPECT_TRUE(holds(held.why, "harm was seen")) << held.why;
    EXPECT_TRUE(has_rule(*stage.control));
    EXPECT_FALSE(is_drained(*stage.control)) << "its rule is with every gateway";
    co_await mexicans.leave();
  });
}

TEST_F(OpeningsTest, GatewaysThatDieWhileItSharesAreHarm) {
  act([](Stage& stage, OpeningsAt& at) -> Task<void> {
    const auto opened = co_await open(at, mexico(skip_all()));
    EXPECT_TRUE(opened);
    Mexicans mexicans(stage);
    co_await wait(stage, 8);
    mexicans.gateways[1].silent = true;
    const auto held = co_await wait_for_phase(stage, at, OpeningPhase::held, 120);
    EXPECT_TRUE(holds(held.why, "g-mx-1b")) << held.why;
    EXPECT_TRUE(has_rule(*stage.control));
    co_await mexicans.leave();
  });
}

}  // namespace
}  // namespace portolan::control
