#include "control/guard.h"

#include "control/control_stage_test_support.h"
#include "policy/restriction_pace.h"
#include "runtime/wait.h"

namespace portolan::control {
namespace {

using namespace testing;

struct GuardTest : ControlStage {};

const Actor careless{.admin = "0123456789ab", .request = "ctl-1", .reason = "tidy up"};
const Actor sure{
    .admin = "0123456789ab", .request = "ctl-2", .reason = "they moved", .break_glass = true};

const std::string a_rule = R"(apiVersion: portolan/v1
kind: Model
metadata: {name: small}
spec: {digest: "sha256:b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53", context: 2048,
  features: [chat], labels: {export-class: eu-only}}
---
kind: Rule
metadata: {name: eu-only}
spec: {require: {weights: {export-class: eu-only}, in: {country: [FR]}}, from: 2024-01-01}
)";

// Both, with nothing wrong.
Task<void> apply_all(Stage& stage) {
  const auto network = co_await apply(stage, small_network);
  const auto rules = co_await apply(stage, a_rule);
  for (const auto& problem : rules.problems) ADD_FAILURE() << render_problem(problem);
  EXPECT_TRUE(network.problems.empty());
}

// All that the log says of its last entry's things: "kind name done; ...".
Task<std::string> last_things(Stage& stage) {
  const auto page = co_await stage.control->read_audit(0, 1);
  check(page.has_value() && page->entries.size() == 1, "the log is read");
  const auto entry = wire::parse_json(page->entries.back());
  std::string text;
  for (const auto& thing : *entry->find("things")->as_array()) {
    for (const auto* member : {"kind", "name", "done"}) {
      text += *thing.find(member)->as_string() + " ";
    }
    text.back() = ';';
  }
  co_return text;
}

TEST_F(GuardTest, WhatItObjectsToIsRefusedAndChangesNothing) {
  play([](Stage& stage) -> Task<void> {
    co_await apply_all(stage);
    const auto numbers = stage.control->state().numbers;
    const auto removed =
        co_await stage.control->remove({{world::Kind::rule, "eu-only"}, {}}, careless);
    EXPECT_EQ(removed.error().code, Code::change_guarded);
    EXPECT_NE(removed.error().message.find("\nset emptied: Rules: none instead of 1."),
              std::string::npos);
    EXPECT_NE(removed.error().message.find("\nrule loosened: Rule 'eu-only' keeps"),
              std::string::npos);
    ApplyRequest unlabelled{.source = "net.yaml", .text = a_rule, .dry_run = true};
    unlabelled.text.replace(unlabelled.text.find("eu-only"), 7, "free");
    const auto dry = co_await stage.control->apply(unlabelled, careless);
    EXPECT_EQ(dry.error().code, Code::change_guarded);
    EXPECT_EQ(stage.control->state().numbers, numbers);
  });
}

TEST_F(GuardTest, WhatIsMeantIsDoneAndTheLogSaysWhatWasOverruled) {
  play([](Stage& stage) -> Task<void> {
    co_await apply_all(stage);
    const auto removed = co_await stage.control->remove({{world::Kind::rule, "eu-only"}, {}}, sure);
    EXPECT_TRUE(removed);
    const auto things = co_await last_things(stage);
    EXPECT_NE(things.find("Rule eu-only deleted;"), std::string::npos) << things;
    EXPECT_NE(things.find("Guard Rules: none instead of 1. overruled;"), std::string::npos)
        << things;
  });
}

ApplyRequest prices(const std::string& input) {
  return {.source = "prices.yaml",
          .text =
              "apiVersion: portolan/v1\nkind: PriceBook\nmetadata: {name: list}\nspec: {currency: "
              "USD, from: 2020-01-01, items: [{model: small, input_per_million: \"" +
              input + "\", output_per_million: \"0.5\"}]}\n"};
}

TEST_F(GuardTest, APriceThatMovesByMoreThanAFifthIsMeantOrRefused) {
  play([](Stage& stage) -> Task<void> {
    co_await apply_all(stage);
    const auto world = stage.control->state().numbers.world;
    auto wanted = prices("0.2");
    const auto first = co_await stage.control->apply(wanted, careless);
    EXPECT_TRUE(first && first->problems.empty());
    EXPECT_EQ(stage.control->state().numbers.world, world + 1) << "prices are in the World";
    wanted = prices("0.25");
    const auto refused = co_await stage.control->apply(wanted, careless);
    EXPECT_EQ(refused.error().code, Code::change_guarded);
    EXPECT_NE(refused.error().message.find("\nprice moved: Price of model 'small' in region"),
              std::string::npos)
        << refused.error().message;
    EXPECT_EQ(stage.control->state().numbers.world, world + 1);
    const auto meant = co_await stage.control->apply(wanted, sure);
    EXPECT_TRUE(meant && meant->problems.empty());
    wanted = prices("0.3");
    const auto fifth = co_await stage.control->apply(wanted, careless);
    EXPECT_TRUE(fifth && fifth->problems.empty());
    const auto deleted =
        co_await stage.control->remove({{world::Kind::price_book, "list"}, {}}, careless);
    EXPECT_EQ(deleted.error().code, Code::change_guarded);
  });
}

TEST_F(GuardTest, TheLastZoneOfAScopeIsNotDrainedInPassing) {
  play([](Stage& stage) -> Task<void> {
    co_await apply(stage, small_network);
    const RestrictionWish drain{RestrictionWish::Kind::drain, "eu-central-1a", false};
    const auto refused = co_await stage.control->restrict(drain, careless);
    EXPECT_EQ(refused.error().code, Code::change_guarded);
    EXPECT_EQ(stage.control->state().numbers.restrictions, 1u);
    const auto done = co_await stage.control->restrict(drain, sure);
    EXPECT_TRUE(done);
    const RestrictionWish lift{RestrictionWish::Kind::drain, "eu-central-1a", true};
    const auto lifted = co_await stage.control->restrict(lift, careless);
    EXPECT_TRUE(lifted);
  });
}

TEST_F(GuardTest, ManyRestrictionsWithinAMinuteAreMeantOrRefused) {
  play([](Stage& stage) -> Task<void> {
    co_await apply_all(stage);
    for (std::uint64_t i = 0; i < policy::restrictions_per_minute_max.value; ++i) {
      const auto set = co_await stage.control->revoke_machine(fmt::format("gw-{}", i), careless);
      EXPECT_TRUE(set) << i;
    }
    const auto number = stage.control->state().numbers.restrictions;
    const auto refused = co_await stage.control->revoke_machine("gw-more", careless);
    EXPECT_EQ(refused.error().code, Code::change_guarded);
    EXPECT_NE(refused.error().message.find("too fast: 20 restrictions were set within a minute"),
              std::string::npos);
    EXPECT_EQ(stage.control->state().numbers.restrictions, number);
    const auto meant = co_await stage.control->revoke_machine("gw-more", sure);
    EXPECT_TRUE(meant);
    const Status slept = co_await runtime::sleep_for(stage.shard, Duration::seconds(61));
    EXPECT_TRUE(slept);
    const auto later = co_await stage.control->revoke_machine("gw-later", careless);
    EXPECT_TRUE(later);
  });
}

}  // namespace
}  // namespace portolan::control
