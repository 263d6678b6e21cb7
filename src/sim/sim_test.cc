#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "sim/fault_plan.h"
#include "sim/network_scenario.h"

namespace portolan::sim {
namespace {

// How often each named fault must happen at least in fifty stormy seeds.
constexpr std::uint64_t times_least = 3;

std::uint64_t number_in(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// SIM_SEED=n plays that seed alone, as the message of a failure says.
std::uint64_t asked_seed() { return number_in("SIM_SEED", 0); }
// A storm plays fifty seeds, calm weather fewer; SIM_SEEDS=n plays n of each.
// Thousands are played by build/release/play_network.
constexpr std::uint64_t stormy_seeds = 50;
constexpr std::uint64_t calm_seeds = 5;

void expect_no_problems(const ScenarioOutcome& outcome, std::uint64_t seed, const char* test) {
  for (const std::string& problem : outcome.problems) {
    ADD_FAILURE() << problem << "\nreplay: SIM_SEED=" << seed
                  << " build/dev/src/sim_test --gtest_filter=Sim." << test;
  }
}

// Every seed in that mood; what happened, summed up.
std::map<std::string, std::uint64_t> play_all(Mood mood, const char* test) {
  std::map<std::string, std::uint64_t> happened;
  const std::uint64_t only = asked_seed();
  const std::uint64_t seeds =
      number_in("SIM_SEEDS", mood == Mood::stormy ? stormy_seeds : calm_seeds);
  const std::uint64_t last = only == 0 ? seeds : only;
  for (std::uint64_t seed = only == 0 ? 1 : only; seed <= last; ++seed) {
    const ScenarioOutcome outcome = play_network({.seed = seed, .mood = mood});
    expect_no_problems(outcome, seed, test);
    for (const auto& [name, times] : outcome.happened) happened[name] += times;
    if (only != 0) std::fputs(outcome.trace.c_str(), stdout);
  }
  return happened;
}

TEST(Sim, AQuietNetworkServesEveryRequest) {
  const ScenarioOutcome outcome = play_network({.seed = 1, .mood = Mood::quiet});
  expect_no_problems(outcome, 1, "AQuietNetworkServesEveryRequest");
}

TEST(Sim, WhileAZoneOfTheScopeLivesNobodySeesAnError) {
  play_all(Mood::calm, "WhileAZoneOfTheScopeLivesNobodySeesAnError");
}

TEST(Sim, InAStormEveryRequestEndsVisiblyAndInScope) {
  const auto happened = play_all(Mood::stormy, "InAStormEveryRequestEndsVisiblyAndInScope");
  if (asked_seed() != 0) return;
  const std::uint64_t least = times_least * number_in("SIM_SEEDS", stormy_seeds) / stormy_seeds;
  for (const std::string_view name : named_faults) {
    const auto found = happened.find(std::string(name));
    const std::uint64_t times = found == happened.end() ? 0 : found->second;
    RecordProperty(std::string(name), static_cast<int>(times));
    EXPECT_GE(times, least) << name << " is to happen over these seeds";
  }
}

TEST(Sim, OneSeedGivesOneTraceAndAnotherSeedAnother) {
  const std::string first = play_network({.seed = 5}).trace;
  EXPECT_EQ(first, play_network({.seed = 5}).trace);
  EXPECT_NE(first, play_network({.seed = 6}).trace);
}

}  // namespace
}  // namespace portolan::sim
