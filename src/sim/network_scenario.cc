#include "sim/network_scenario.h"

#include <fmt/format.h>

#include <utility>

#include "runtime/wait.h"
#include "sim/check_sightings.h"
#include "sim/fault_play.h"
#include "sim/observed.h"
#include "sim/scenario_times.h"

namespace portolan::sim {
namespace {

constexpr Duration span_max = Duration::hours(1);

engines::SimOptions engine_options(std::uint64_t seed) {
  engines::SimOptions options;
  options.seed = seed;
  options.echo = true;  // so that a marker stands in answers, too
  options.slots = 16;   // capacity is no fault here
  options.ttft = Duration::milliseconds(60);
  options.tpot = Duration::milliseconds(25);
  return options;
}

struct Stage {
  Network& network;
  FaultPlay& play;
  ScenarioOptions options;
  std::map<std::string, MadeKey, std::less<>> keys;  // by workspace
  MadeKey spare;                                     // of the first one
  Observed observed;
};

Question draw_question(const Atlas& atlas, Random& random) {
  Question question;
  question.workspace = atlas.workspaces[random.below(atlas.workspaces.size())].name;
  if (random.chance(0.15)) {
    const auto& scopes = atlas.editions.front();
    question.scope = scopes[random.below(scopes.size())].name;
  }
  const auto any_zone = [&] { return atlas.zones[random.below(atlas.zones.size())].name; };
  if (random.chance(0.1)) question.only = {any_zone(), "eu"};
  if (random.chance(0.15)) question.ignore = {any_zone()};
  return question;
}

ChatRequest draw_request(const Stage& stage, std::size_t number, Random& random) {
  ChatRequest request;
  request.number = number;
  request.question = draw_question(stage.network.atlas(), random);
  request.key = stage.keys.find(request.question.workspace)->second.text;
  const bool first = request.question.workspace == stage.network.atlas().workspaces[0].name;
  if (first && random.chance(0.3)) request.key = stage.spare.text;
  request.gateway = random.below(stage.network.zone_count());
  request.stream = random.chance(0.6);
  // Some answers are so long that checkpoints come between them and their end.
  request.tokens = random.chance(0.1) ? 60 + random.below(100) : 1 + random.below(24);
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
  for (const AtlasWorkspace& workspace : stage.network.atlas().workspaces) {
    std::string name = workspace.name;
    CO_TRY(auto key, co_await stage.network.admin().create_key(name));
    stage.keys.emplace(name, std::move(key));
  }
  std::string first = stage.network.atlas().workspaces.front().name;
  CO_TRY(stage.spare, co_await stage.network.admin().create_key(first));
  CO_TRY_DO(co_await runtime::sleep_for(stage.network.client(), recovery_time));
  co_return Status{};
}

// Every workspace at every front door.
runtime::Task<void> ask_after_recovery(Stage& stage) {
  std::size_t number = stage.options.clients * stage.options.requests;
  for (std::size_t gateway = 0; gateway < stage.network.zone_count(); ++gateway) {
    for (const auto& [workspace, key] : stage.keys) {
      ChatRequest request;
      request.number = number++;
      request.question.workspace = workspace;
      request.key = key.text;
      request.gateway = gateway;
      request.tokens = 2;
      request.stream = number % 2 == 0;
      const runtime::Address door = stage.network.zone(gateway).front_door;
      auto seen = co_await ask_chat(stage.network.client(), door, std::move(request));
      stage.observed.after_recovery.push_back(std::move(seen));
    }
  }
}

void count_dates(Stage& stage, WallTime from, WallTime until) {
  for (const AtlasRule& rule : stage.network.atlas().rules) {
    if (rule.from > from && rule.from < until) stage.play.count("rule_date_passed");
    if (rule.until && *rule.until > from && *rule.until < until) {
      stage.play.count("rule_date_passed");
    }
  }
}

runtime::Task<Status> live(Stage& stage) {
  CO_TRY_DO(co_await stage.network.bring_up());
  CO_TRY_DO(co_await make_keys(stage));
  const WallTime began = stage.network.client().wall_now();
  stage.play.begin(stage.spare);
  runtime::Gate clients(stage.network.client(), stage.options.clients);
  for (std::size_t i = 0; i < stage.options.clients; ++i) clients.start(be_a_client(stage, i));
  co_await clients.drain();
  count_dates(stage, began, stage.network.client().wall_now());
  co_await stage.play.finish();
  const Duration recovery = stage.options.mood == Mood::quiet ? recovery_time : news_time;
  CO_TRY_DO(co_await runtime::sleep_for(stage.network.client(), recovery));
  co_await ask_after_recovery(stage);
  co_return Status{};
}

runtime::Task<void> run_stage(Stage& stage) {
  const Status lived = co_await live(stage);
  if (!lived) stage.observed.problems.push_back("the scenario broke off: " + lived.error().message);
  co_await stage.network.shut_down();
}

// Keeps an eye on every byte and every file; the old control gets its documents.
void watch(Network& network, Observed& observed, MarkerWatch& markers) {
  virtual_time::Universe& universe = network.universe();
  universe.watch([&](const virtual_time::Delivery& delivery) {
    markers.see(delivery, universe.now());
    observed.versions.see(delivery);
  });
  universe.watch_files([&](const virtual_time::Universe::WrittenFile& file) {
    observed.versions.see_file(std::string(file.machine), file.path, file.bytes, universe.now());
    for (const auto kind : {seal::DocumentKind::world, seal::DocumentKind::keyring,
                            seal::DocumentKind::restrictions}) {
      const std::string kept = "/gateway/last-good/" + std::string(seal::name_of(kind)) + ".";
      if (file.path.starts_with(kept)) network.old_control().keep(kind, std::string(file.bytes));
    }
  });
}

}  // namespace

ScenarioOutcome play_network(ScenarioOptions options) {
  Random random(options.seed ^ 0x5eed);
  Atlas atlas = draw_atlas(random);
  FaultPlan plan = draw_plan(options.mood, atlas, random);
  Network network(
      {.seed = options.seed, .atlas = std::move(atlas), .engine = engine_options(options.seed)});
  FaultPlay play(network, std::move(plan));
  Stage stage{network, play, options, {}, {}, {}};
  MarkerWatch markers;
  watch(network, stage.observed, markers);
  const bool ended = network.universe().run(run_stage(stage), span_max);
  if (!ended) stage.observed.problems.push_back("the scenario did not end within an hour");
  stage.observed.mood = options.mood;
  stage.observed.spare_key = stage.spare.text;
  stage.observed.markers = markers.seen();
  observe_end(network, play, stage.observed);
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
