#include "sim/network_scenario.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/limits.h"
#include "runtime/wait.h"
#include "sim/check_sightings.h"
#include "sim/fault_play.h"

namespace portolan::sim {
namespace {

constexpr Duration span_max = Duration::hours(1);
constexpr std::array<std::string_view, 3> workspaces = {"everywhere", "only-a", "only-b"};
// Within which everything serves again after the last fault, and a new key works
// everywhere (issue 3, points 4 and 6).
constexpr Duration recovery_time = Duration::seconds(5);
// In a storm a gateway's poll may hang on a connection that was lost without a
// word, and ends by its own deadline.
constexpr Duration poll_time = limits::poll_wait_ms.milliseconds() + Duration::seconds(6);

Duration recovery_time_after(Mood mood) {
  return mood == Mood::stormy ? recovery_time + poll_time : recovery_time;
}

engines::SimOptions engine_options(std::uint64_t seed) {
  engines::SimOptions options;
  options.seed = seed;
  options.ttft = Duration::milliseconds(60);
  options.tpot = Duration::milliseconds(25);
  return options;
}

struct Keys {
  std::map<std::string, MadeKey, std::less<>> of_workspace;
  MadeKey spare;  // of workspace everywhere
};

struct Stage {
  Network& network;
  FaultPlay& play;
  ScenarioOptions options;
  Keys keys;
  Observed observed;
};

ChatRequest draw_request(const Stage& stage, std::size_t number, Random& random) {
  ChatRequest request;
  request.number = number;
  request.workspace = workspaces[random.below(workspaces.size())];
  request.key = stage.keys.of_workspace.find(request.workspace)->second.text;
  if (request.workspace == "everywhere" && random.chance(0.3)) request.key = stage.keys.spare.text;
  request.gateway = random.below(zone_count);
  request.stream = random.chance(0.6);
  request.tokens = 1 + random.below(24);
  const auto patience_ms = 1 + random.below(600);
  const bool leaves = stage.options.mood != Mood::quiet && random.chance(0.12);
  if (leaves) {
    request.leaves_after = Duration::milliseconds(static_cast<std::int64_t>(patience_ms));
  }
  return request;
}

runtime::Task<void> be_a_client(Stage& stage, std::size_t which) {
  Random random(stage.options.seed * 1000 + which);
  auto& shard = stage.network.client();
  for (std::size_t i = 0; i < stage.options.requests; ++i) {
    const auto think_ms = static_cast<std::int64_t>(random.below(2500));
    const Status thought = co_await runtime::sleep_for(shard, Duration::milliseconds(think_ms));
    if (!thought) co_return;
    ChatRequest request = draw_request(stage, which * stage.options.requests + i, random);
    const runtime::Address door = stage.network.zone(request.gateway).front_door;
    auto seen = co_await ask_chat(shard, door, std::move(request));
    if (seen.end == Sighting::End::left) stage.play.count("client_vanished");
    stage.observed.sightings.push_back(std::move(seen));
  }
}

runtime::Task<Status> make_keys(Stage& stage) {
  for (const std::string_view workspace : workspaces) {
    std::string name(workspace);
    CO_TRY(auto key, co_await stage.network.admin().create_key(name));
    stage.keys.of_workspace.emplace(name, std::move(key));
  }
  std::string everywhere(workspaces.front());
  CO_TRY(stage.keys.spare, co_await stage.network.admin().create_key(everywhere));
  CO_TRY_DO(co_await runtime::sleep_for(stage.network.client(), recovery_time));
  co_return Status{};
}

// Every workspace at every front door that lets it in.
runtime::Task<void> ask_after_recovery(Stage& stage) {
  std::size_t number = stage.options.clients * stage.options.requests;
  for (std::size_t gateway = 0; gateway < zone_count; ++gateway) {
    for (const std::string_view workspace : workspaces) {
      ChatRequest request;
      request.number = number++;
      request.workspace = workspace;
      request.key = stage.keys.of_workspace.find(workspace)->second.text;
      request.gateway = gateway;
      request.stream = number % 2 == 0;
      const runtime::Address door = stage.network.zone(gateway).front_door;
      auto seen = co_await ask_chat(stage.network.client(), door, std::move(request));
      stage.observed.after_recovery.push_back(std::move(seen));
    }
  }
}

runtime::Task<Status> live(Stage& stage) {
  CO_TRY_DO(co_await stage.network.bring_up());
  CO_TRY_DO(co_await make_keys(stage));
  stage.play.begin(stage.keys.spare);
  runtime::Gate clients(stage.network.client(), stage.options.clients);
  for (std::size_t i = 0; i < stage.options.clients; ++i) clients.start(be_a_client(stage, i));
  co_await clients.drain();
  co_await stage.play.finish();
  stage.observed.spare_key = stage.keys.spare.text;
  stage.observed.revoked_at = stage.play.revoked_at();
  const Duration recovery = recovery_time_after(stage.options.mood);
  CO_TRY_DO(co_await runtime::sleep_for(stage.network.client(), recovery));
  co_await ask_after_recovery(stage);
  co_return Status{};
}

runtime::Task<void> run_stage(Stage& stage) {
  const Status lived = co_await live(stage);
  if (!lived) stage.observed.problems.push_back("the scenario broke off: " + lived.error().message);
  co_await stage.network.shut_down();
}

void observe_end(Stage& stage) {
  Network& network = stage.network;
  const auto check_process = [&stage](const Process& process, std::string_view name) {
    if (process.running()) stage.observed.problems.push_back(fmt::format("{} still runs", name));
    if (!process.outcome()) {
      stage.observed.problems.push_back(
          fmt::format("{} ended: {}", name, process.outcome().error().message));
    }
  };
  check_process(network.control(), "control");
  for (std::size_t at = 0; at < zone_count; ++at) {
    const ZoneSite& site = network.zone(at);
    check_process(*site.gateway, site.options.id);
    check_process(*site.engine, "the engine of " + site.options.zone);
    stage.observed.zones[at] = {network.gateway_file(at, site.options.access_log),
                                network.engine_file(at, "/engine/record"), site.gateway->kills()};
  }
}

}  // namespace

ScenarioOutcome play_network(ScenarioOptions options) {
  Network network({.seed = options.seed,
                   .one_region = options.seed % 2 == 0,
                   .more = {},
                   .engine = engine_options(options.seed)});
  Random random(options.seed ^ 0x5eed);
  FaultPlay play(network, draw_plan(options.mood, random));
  Stage stage{network, play, options, {}, {}};
  stage.observed.mood = options.mood;
  stage.observed.engine_seed = options.seed;
  const bool ended = network.universe().run(run_stage(stage), span_max);
  if (!ended) stage.observed.problems.push_back("the scenario did not end within an hour");
  observe_end(stage);
  stage.observed.trace = network.universe().trace();
  ScenarioOutcome outcome;
  outcome.trace = network.universe().trace();
  outcome.happened = play.happened();
  for (const Sighting& seen : stage.observed.sightings) {
    ++outcome.ends[fmt::format("{} {}", seen.status, name_of(seen.end))];
  }
  outcome.problems = check_observed(stage.observed);
  return outcome;
}

}  // namespace portolan::sim
