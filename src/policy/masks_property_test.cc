#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "policy/allowed_zones.h"
#include "policy/list_models.h"
#include "policy/may_execute.h"
#include "policy/oracle_test.h"

// Entry mask, executor mask and list of models over random worlds, against the
// oracle and each other.
namespace portolan::policy {
namespace {

// RapidCheck draws a seed, and each seed this many worlds.
constexpr std::uint64_t cases_per_seed = 10;

template <class Property>
bool holds_for_random_cases(Property property) {
  return rc::check([&] {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    for (std::uint64_t i = 0; i < cases_per_seed; ++i) property(random_case(seed + i));
  });
}

std::set<std::string> name_set(const model::View& view, const model::ZoneMask& mask) {
  std::set<std::string> out;
  mask.for_each([&](ZoneIndex zone) { out.insert(view.world->zone(zone).name); });
  return out;
}

Result<EntryGrant> enter(const model::View& view, const Caller& caller, const RandomCase& c) {
  return may_enter(view, caller, zone_of(view, c.here), c.scope_header, c.now);
}

Caller caller_of(const model::View& view, const RandomCase& c) {
  return *authenticate(view, c.key_text, c.now);
}

// What a share of the cases must show, for the property to mean anything.
struct Shares {
  double cases = 0, entered = 0, allowed = 0, rules = 0, narrowing = 0, restrictions = 0;
};

void judge_masks(const model::View& view, const RandomCase& c, Shares& seen) {
  const Oracle oracle(c);
  const Caller caller = caller_of(view, c);
  const auto grant = enter(view, caller, c);
  const auto& here = oracle.zone(c.here);
  seen.cases += 1;
  RC_ASSERT(grant.has_value() == (oracle.may_enter_by_head(here) && !oracle.restricted(here)));
  if (!grant) return;

  seen.entered += 1;
  const auto expected = oracle.zones({});
  const auto allowed = allowed_zones(view, caller, *grant, c.facts, c.now);
  if (allowed) {
    RC_ASSERT(name_set(view, allowed->zones) == expected);
    RC_ASSERT(oracle.may_enter_by_body(here));
    RC_ASSERT(!expected.empty());
  } else {
    RC_ASSERT(expected.empty() || !oracle.may_enter_by_body(here));
  }
  seen.allowed += allowed ? 1 : 0;
  seen.rules += oracle.zones({.rules = true}) != expected ? 1 : 0;
  seen.narrowing += oracle.zones({.narrowing = true}) != expected ? 1 : 0;
  seen.restrictions += oracle.zones({.restrictions = true}) != expected ? 1 : 0;
}

TEST(Masks, HoldAZoneExactlyWhenEverySetHoldsIt) {
  Shares seen;
  ASSERT_TRUE(
      holds_for_random_cases([&](const RandomCase& c) { judge_masks(c.parts.view(), c, seen); }));
  EXPECT_GE(seen.entered, 0.4 * seen.cases);
  EXPECT_GE(seen.allowed, 0.3 * seen.entered);
  EXPECT_GE(seen.allowed, 0.3 * seen.cases);
  EXPECT_GE(seen.rules, 0.1 * seen.entered);
  EXPECT_GE(seen.narrowing, 0.1 * seen.entered);
  EXPECT_GE(seen.restrictions, 0.1 * seen.entered);
}

TEST(Masks, FollowRuleDatesUnderOneWorld) {
  Shares seen;
  double changed = 0;
  ASSERT_TRUE(holds_for_random_cases([&](RandomCase c) {
    const auto view = c.parts.view();
    std::set<std::set<std::string>> answers;
    for (std::int64_t now = 0; now < 220; now += 20) {
      c.now = WallTime{now};
      judge_masks(view, c, seen);
      answers.insert(Oracle(c).zones({}));
    }
    for (const auto& rule : c.parts.network.rules) {
      for (const WallTime edge : {rule.from, rule.until}) {
        if (edge.ns < 0 || edge.ns > 1'000) continue;
        for (const std::int64_t step : {-1, 0, 1}) {
          c.now = edge + Duration{step};
          judge_masks(view, c, seen);
        }
      }
    }
    changed += answers.size() > 1 ? 1 : 0;
  }));
  EXPECT_GE(changed, 0.01 * seen.cases);
}

TEST(Masks, TheExecutorAllowsExactlyWhatTheEntryAllowed) {
  double executed = 0;
  double refused = 0;
  ASSERT_TRUE(holds_for_random_cases([&](const RandomCase& c) {
    const auto view = c.parts.view();
    const Caller caller = caller_of(view, c);
    const auto grant = enter(view, caller, c);
    if (!grant) return;
    const auto allowed = allowed_zones(view, caller, *grant, c.facts, c.now);
    // Where the front door stands is the entry's question alone.
    if (!allowed && allowed.error().code == Code::wrong_region) return;
    const auto zones = allowed ? allowed->zones : model::ZoneMask::none();
    const auto hop = hop_facts(view, caller, *grant, c.facts);
    for (std::uint16_t i = 0; i < view.world->zone_count(); ++i) {
      const auto verdict = may_execute(view, hop, ZoneIndex{i}, c.now);
      RC_ASSERT(verdict.has_value() == zones.contains(ZoneIndex{i}));
      if (verdict) RC_ASSERT(*verdict == allowed->model);
      if (!verdict) RC_ASSERT(verdict.error().code == Code::world_skew);
      (verdict ? executed : refused) += 1;
    }
  }));
  EXPECT_GE(executed, 1'000);
  EXPECT_GE(refused, 1'000);
}

TEST(Masks, TheListOfModelsIsWhatAllowedZonesWouldAllow) {
  double listed = 0;
  ASSERT_TRUE(holds_for_random_cases([&](RandomCase c) {
    const auto view = c.parts.view();
    const Caller caller = caller_of(view, c);
    const auto grant = enter(view, caller, c);
    if (!grant) return;
    std::vector<ModelIndex> expected;
    c.facts.narrowing = {};
    for (std::uint32_t i = 0; i < view.world->network().models.size(); ++i) {
      c.facts.model = view.world->model(ModelIndex{i}).name;
      const auto allowed = allowed_zones(view, caller, *grant, c.facts, c.now);
      if (allowed || allowed.error().code == Code::scope_exhausted) {
        expected.push_back(ModelIndex{i});
      }
    }
    RC_ASSERT(list_models(view, caller, *grant, c.now) == expected);
    listed += static_cast<double>(expected.size());
  }));
  EXPECT_GE(listed, 1'000);
}

}  // namespace
}  // namespace portolan::policy
