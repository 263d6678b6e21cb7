// Plays seeds of the simulated network, without sanitizers and so at ten times
// the speed of sim_test, which plays the first of them:
//
//   play_network <calm|stormy> <first seed> <last seed> [trace]
//
// Says what happened how often, and of each failing seed what failed and the
// command that replays it. Ends with status 1 when one failed, or when a fault
// that a storm must show was too rare.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "sim/fault_plan.h"
#include "sim/network_scenario.h"

namespace {

using namespace portolan::sim;

struct Play {
  std::string program;
  std::string mood_name;
  std::uint64_t first = 1;
  std::uint64_t last = 1;
  bool with_trace = false;
};

struct Sum {
  std::uint64_t failed = 0;
  std::map<std::string, std::uint64_t> happened;
};

void play_seed(const Play& play, std::uint64_t seed, Sum& sum) {
  const Mood mood = play.mood_name == "calm" ? Mood::calm : Mood::stormy;
  const ScenarioOutcome outcome = play_network({.seed = seed, .mood = mood});
  if (play.with_trace) std::fputs(outcome.trace.c_str(), stdout);
  for (const auto& [name, times] : outcome.happened) sum.happened[name] += times;
  for (const auto& [name, times] : outcome.ends) sum.happened["end: " + name] += times;
  if (outcome.problems.empty()) return;
  ++sum.failed;
  for (const std::string& problem : outcome.problems) {
    std::printf("seed %lu: %s\n", seed, problem.c_str());
  }
  std::printf("replay: %s %s %lu %lu trace\n", play.program.c_str(), play.mood_name.c_str(), seed,
              seed);
  std::fflush(stdout);
}

// A storm of fifty seeds shows each three times.
bool faults_were_many(const Play& play, const Sum& sum) {
  const std::uint64_t least = 3 * (1 + play.last - play.first) / 50;
  bool many = true;
  for (const std::string_view name : named_faults) {
    const auto found = sum.happened.find(std::string(name));
    const std::uint64_t times = found == sum.happened.end() ? 0 : found->second;
    if (times >= least) continue;
    std::printf("%s happened %lu times, %lu are wanted\n", std::string(name).c_str(), times, least);
    many = false;
  }
  return many;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) {
    std::fputs("usage: play_network <calm|stormy> <first seed> <last seed> [trace]\n", stderr);
    return 2;
  }
  const Play play{.program = arguments[0],
                  .mood_name = arguments[1],
                  .first = std::strtoull(arguments[2], nullptr, 10),
                  .last = std::strtoull(arguments[3], nullptr, 10),
                  .with_trace = count > 4};
  Sum sum;
  for (std::uint64_t seed = play.first; seed <= play.last; ++seed) play_seed(play, seed, sum);
  for (const auto& [name, times] : sum.happened) std::printf("  %-24s %8lu\n", name.c_str(), times);
  const std::uint64_t seeds = 1 + play.last - play.first;
  std::printf("figure: %s: %lu of %lu seeds failed\n", play.mood_name.c_str(), sum.failed, seeds);
  const bool storm = play.mood_name != "calm" && seeds > 1;
  return sum.failed > 0 || (storm && !faults_were_many(play, sum)) ? 1 : 0;
}
