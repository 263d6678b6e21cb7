#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "sim/network_scenario.h"

namespace portolan::sim {
namespace {

std::uint64_t number_in(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// SIM_SEED=n plays that seed alone, as the message of a failure says.
std::uint64_t asked_seed() { return number_in("SIM_SEED", 0); }
// SIM_SEEDS=n plays n of each mood. Sanitizers look on here, so they are few;
// build/release/play_network plays fifty for `make test`, and thousands.
constexpr std::uint64_t stormy_seeds = 6;
constexpr std::uint64_t calm_seeds = 3;

void expect_no_problems(const ScenarioOutcome& outcome, std::uint64_t seed, const char* test) {
  for (const std::string& problem : outcome.problems) {
    ADD_FAILURE() << problem << "\nreplay: SIM_SEED=" << seed
                  << " build/dev/src/sim_test --gtest_filter=Sim." << test;
  }
}

void play_all(Mood mood, const char* test) {
  const std::uint64_t only = asked_seed();
  const std::uint64_t seeds =
      number_in("SIM_SEEDS", mood == Mood::stormy ? stormy_seeds : calm_seeds);
  const std::uint64_t last = only == 0 ? seeds : only;
  for (std::uint64_t seed = only == 0 ? 1 : only; seed <= last; ++seed) {
    const ScenarioOutcome outcome = play_network({.seed = seed, .mood = mood});
    expect_no_problems(outcome, seed, test);
    if (only != 0) std::fputs(outcome.trace.c_str(), stdout);
  }
}

TEST(Sim, AQuietNetworkServesEveryRequest) {
  const ScenarioOutcome outcome = play_network({.seed = 1, .mood = Mood::quiet});
  expect_no_problems(outcome, 1, "AQuietNetworkServesEveryRequest");
}

TEST(Sim, WhileAZoneOfTheScopeLivesNobodySeesAnError) {
  play_all(Mood::calm, "WhileAZoneOfTheScopeLivesNobodySeesAnError");
}

TEST(Sim, InAStormEveryRequestEndsVisiblyAndInScope) {
  play_all(Mood::stormy, "InAStormEveryRequestEndsVisiblyAndInScope");
}

TEST(Sim, OneSeedGivesOneTraceAndAnotherSeedAnother) {
  const std::string first = play_network({.seed = 5}).trace;
  EXPECT_EQ(first, play_network({.seed = 5}).trace);
  EXPECT_NE(first, play_network({.seed = 6}).trace);
}

}  // namespace
}  // namespace portolan::sim
