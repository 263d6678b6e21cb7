#include "policy/permits_no_more.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

#include "policy/allowed_zones.h"
#include "policy/random_world_test.h"

namespace portolan::policy {
namespace {

bool judged(const Parts& older, const Parts& newer) {
  return permits_no_more(*older.view().world, *newer.view().world);
}

TEST(PermitsNoMore, AnyResourceThatIsChangedOrGoneMayForbid) {
  const Parts before = small_world();
  const auto harm = [&before](auto change) {
    Parts after = before;
    change(after.network);
    return judged(before, after);
  };
  EXPECT_FALSE(harm([](model::Network& to) { to.deployments.pop_back(); }));
  EXPECT_FALSE(harm([](model::Network& to) { to.deployments[0].engines[0].url = "http://b"; }));
  EXPECT_FALSE(harm([](model::Network& to) { to.scopes[0].exclude = {"cn"}; }));
  EXPECT_FALSE(harm([](model::Network& to) { to.scopes.pop_back(); }));
  EXPECT_FALSE(harm([](model::Network& to) { to.regions[2].country = "US"; }));
  EXPECT_FALSE(harm([](model::Network& to) { to.zones[2].labels = {{"place", "x"}}; }));
  EXPECT_FALSE(harm([](model::Network& to) { to.models[0].labels = {{"export", "x"}}; }));
  EXPECT_FALSE(harm([](model::Network& to) {
    model::Rule rule;
    rule.name = "new";
    rule.places.country = {"CN"};
    to.rules.push_back(rule);
  }));
}

TEST(PermitsNoMore, WhatOnlyAddsForbidsNothing) {
  const Parts before = small_world();
  Parts after = before;
  after.network.regions.push_back(region("us", "US", 37.5, -77.4));
  after.network.zones.push_back({"us-a", "us", {}, {}});
  deploy(after, "small", "us-a");
  after.network.scopes.push_back({"us", {"us"}, {}, model::Entry::in_scope});
  EXPECT_TRUE(judged(before, before));
  EXPECT_TRUE(judged(before, after));
  EXPECT_FALSE(judged(after, before));
}

using Names = std::set<std::string>;

// Where the case's request may be computed; nothing where it is refused.
Names allowed_by(const Parts& parts, const RandomCase& c) {
  const model::View view = parts.view();
  Names names;
  const auto caller = authenticate(view, c.key_text, c.now);
  const auto here = view.world->find_zone(c.here);
  if (!caller || !here) return names;
  const auto grant = may_enter(view, *caller, *here, c.scope_header, c.now);
  if (!grant) return names;
  const auto allowed = allowed_zones(view, *caller, *grant, c.facts, c.now);
  if (!allowed) return names;
  allowed->zones.for_each([&](ZoneIndex zone) { names.insert(view.world->zone(zone).name); });
  return names;
}

// The case's network, before some of its deployments and its last zone were added
// and, in some cases, before something else was changed.
Parts earlier(const RandomCase& c, Random& random) {
  Parts parts = c.parts;
  auto& network = parts.network;
  std::erase_if(network.deployments, [&](const auto&) { return random.chance(0.3); });
  if (random.chance(0.3) && !network.rules.empty()) network.rules.pop_back();
  if (random.chance(0.3)) network.scopes[0].exclude.clear();
  if (random.chance(0.2)) network.models[0].labels.clear();
  return parts;
}

struct Seen {
  int sure = 0;
  int narrower = 0;
  int forbidding = 0;
};

void judge_case(std::uint64_t seed, Seen& seen) {
  Random random(seed);
  const RandomCase c = random_case(seed);
  const Parts before = earlier(c, random);
  const Names older = allowed_by(before, c);
  const Names newer = allowed_by(c.parts, c);
  const bool within = std::includes(newer.begin(), newer.end(), older.begin(), older.end());
  if (!judged(before, c.parts)) {
    seen.forbidding += within ? 0 : 1;
    return;
  }
  RC_ASSERT(within);
  seen.sure += older.empty() ? 0 : 1;
  seen.narrower += older.size() < newer.size() ? 1 : 0;
}

TEST(PermitsNoMore, HoldsForEveryRequest) {
  // So many that none of what has to be seen is missing by chance.
  constexpr std::uint64_t cases_per_seed = 10;
  Seen seen;
  ASSERT_TRUE(rc::check([&] {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    for (std::uint64_t i = 0; i < cases_per_seed; ++i) judge_case(seed + i, seen);
  }));
  EXPECT_GT(seen.sure, 50);
  EXPECT_GT(seen.narrower, 20);
  EXPECT_GT(seen.forbidding, 0) << "some changes did forbid, and were found";
}

}  // namespace
}  // namespace portolan::policy
