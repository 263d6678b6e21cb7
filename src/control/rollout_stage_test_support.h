#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "control/control_stage_test_support.h"
#include "runtime/gate.h"
#include "runtime/wait.h"
#include "world/accept.h"
#include "world/codec.h"
#include "world/keyring_snapshot.h"

// For tests: gateways that poll a control, as far as control can see.
namespace portolan::control::testing {

inline std::string region_text(const std::string& name, const std::string& country,
                               const std::vector<std::string>& zones) {
  std::string text = "---\napiVersion: portolan/v1\nkind: Region\nmetadata: {name: " + name +
                     "}\nspec: {country: " + country +
                     ", latitude: 1, longitude: 2, url: \"https://" + name + ".example.net\"}\n";
  for (const auto& zone : zones) {
    text += "---\napiVersion: portolan/v1\nkind: Zone\nmetadata: {name: " + zone +
            "}\nspec: {region: " + name + "}\n";
  }
  return text;
}

// Two regions of Germany and one of Singapore.
inline const std::string three_regions = region_text("eu-1", "DE", {"eu-1a", "eu-1b"}) +
                                         region_text("eu-2", "DE", {"eu-2a"}) +
                                         region_text("sg-1", "SG", {"sg-1a"}) +
                                         R"(---
apiVersion: portolan/v1
kind: Scope
metadata: {name: eu}
spec: {include: [eu]}
---
apiVersion: portolan/v1
kind: Org
metadata: {name: demo}
---
apiVersion: portolan/v1
kind: Workspace
metadata: {name: eu, org: demo}
spec: {scopes: [eu]}
)";

inline std::string scope_text(const std::string& name, const std::string& include) {
  return "apiVersion: portolan/v1\nkind: Scope\nmetadata: {name: " + name + "}\nspec: {include: [" +
         include + "]}\n";
}

// What a gateway would do with a World: by the number of the World.
struct Behaviour {
  std::string refuses;     // why; empty: it takes it
  double error_share = 0;  // of its requests
  double refusal_share = 0;
  std::uint64_t engines_down = 0;  // of its two
};

struct PollingGateway {
  std::string id;
  std::string zone;
  std::map<std::uint64_t, Behaviour> by_world{};
  std::uint64_t requests_per_second = 10;
  bool silent = false;       // polls no more
  Control* other = nullptr;  // polls there, not at the stage's
  std::optional<world::LoadSaid> load{};
  std::uint64_t polls = 0;

  std::optional<world::Seen> world{};
  std::optional<world::Seen> keyring{};
  std::optional<world::Seen> restrictions{};
  std::map<std::string, model::Workspace> workspaces{};
  std::set<std::string> keys{};
  std::vector<world::Refusal> refused{};
  std::vector<std::uint64_t> worlds_taken{};
  std::vector<std::uint64_t> worlds_older{};  // that it was sent and did not take for their age
  Instant adopted{};
  model::ServedCounts before{};
};

inline Behaviour behaviour_of(const PollingGateway& gateway) {
  if (!gateway.world) return {};
  const auto found = gateway.by_world.find(gateway.world->version.number);
  return found == gateway.by_world.end() ? Behaviour() : found->second;
}

inline model::ServedCounts served_since(const PollingGateway& gateway, Instant now) {
  model::ServedCounts counts;
  if (!gateway.world) return counts;
  const auto seconds = static_cast<std::uint64_t>((now - gateway.adopted).seconds());
  counts.requests = seconds * gateway.requests_per_second;
  const double refused = behaviour_of(gateway).refusal_share;
  counts.refusals = static_cast<std::uint64_t>(refused * static_cast<double>(counts.requests));
  const double share = behaviour_of(gateway).error_share;
  counts.errors = static_cast<std::uint64_t>(share * static_cast<double>(counts.requests));
  counts.first_bytes[2] = counts.requests - counts.errors;
  return counts;
}

inline void take_world(PollingGateway& gateway, const seal::OpenedDocument& document, Instant now) {
  const world::Seen incoming{document.version, document.hash};
  const auto number = document.version.number;
  if (!world::accept(gateway.world, incoming)) {
    gateway.worlds_older.push_back(number);
    return;
  }
  const auto found = gateway.by_world.find(number);
  if (found != gateway.by_world.end() && !found->second.refuses.empty()) {
    gateway.refused.push_back(
        {document.kind, document.version, document.hash, found->second.refuses});
    return;
  }
  gateway.before = served_since(gateway, now);
  gateway.adopted = now;
  gateway.world = incoming;
  gateway.worlds_taken.push_back(number);
}

inline void take_keyring(PollingGateway& gateway, const seal::OpenedDocument& document) {
  const auto take_all = [&](const auto& said) {
    for (const auto& workspace : said.workspaces) gateway.workspaces[workspace.name] = workspace;
    for (const auto& key : said.keys) gateway.keys.insert(key.id);
  };
  if (document.kind == seal::DocumentKind::keyring) {
    take_all(*world::decode_any_keyring(document.payload));
  } else {
    take_all(*world::decode_keyring_delta(document.payload));
  }
}

inline void take(PollingGateway& gateway, const world::PollAnswer& answer, Instant now) {
  for (const auto& sealed : answer.documents) {
    const auto opened = open_sealed(sealed);
    const world::Seen seen{opened.version, opened.hash};
    if (sealed.kind == seal::DocumentKind::world) {
      take_world(gateway, opened, now);
    } else if (sealed.kind == seal::DocumentKind::restrictions) {
      gateway.restrictions = seen;
    } else {
      gateway.keyring = seen;
      take_keyring(gateway, opened);
    }
  }
}

inline Task<void> poll_on(Stage& stage, PollingGateway& gateway) {
  for (;;) {
    Control& control = gateway.other != nullptr ? *gateway.other : *stage.control;
    if (gateway.silent || control.draining()) {
      const Status slept = co_await runtime::sleep_for(stage.shard, Duration::milliseconds(500));
      if (!slept) co_return;
      continue;
    }
    world::PollRequest request{
        .gateway = gateway.id,
        .zone = gateway.zone,
        .world = gateway.world,
        .keyring = gateway.keyring,
        .restrictions = gateway.restrictions,
        .refused = gateway.refused,
        .zone_key = {},
        .engines = world::EngineTally{2, 2 - behaviour_of(gateway).engines_down},
        .trial = {},
        .served = {},
        .load = gateway.load,
        .reads_snapshots = gateway.id.back() % 2 == 0,  // of both releases
        .turn = world::PollTurn{1, ++gateway.polls},
        .wait_ms = 2'000};
    const auto since = served_since(gateway, stage.shard.now());
    if (gateway.world) request.served = world::WorldServed{since, gateway.before};
    auto answer = co_await control.poll(std::move(request));
    if (!answer) co_return;
    take(gateway, *answer, stage.shard.now());
  }
}

inline Task<void> wait(Stage& stage, std::int64_t seconds) {
  const Status slept = co_await runtime::sleep_for(stage.shard, Duration::seconds(seconds));
  check(slept.has_value(), "time passes");
}

inline std::string_view phase_of(const Stage& stage) {
  const auto& rollout = stage.control->state().rollout;
  if (!rollout) return "none";
  return rollout_phase_names[static_cast<std::size_t>(rollout->phase)];
}

// Until the rollout has that many steps, or is over; at most ten minutes.
inline Task<void> wait_for_steps(Stage& stage, std::size_t steps) {
  for (int i = 0; i < 600; ++i) {
    const auto& rollout = stage.control->state().rollout;
    if (rollout && (!rollout->active() || rollout->steps.size() >= steps)) co_return;
    co_await wait(stage, 1);
  }
}

struct RolloutStage : ControlStage {
  using Plot = Task<void> (*)(Stage& stage, std::deque<PollingGateway>& gateways);

  // A network of three regions with a gateway in each zone, all with World 1, and
  // a control that sends the next ones zone by zone.
  static void act(Plot plot) {
    plot_ = plot;
    play([](Stage& stage) -> Task<void> {
      co_await reopen_paced(stage);
      co_await apply(stage, three_regions);
      std::deque<PollingGateway> gateways = {
          {"g-eu-1a", "eu-1a"}, {"g-eu-1b", "eu-1b"}, {"g-eu-2a", "eu-2a"}, {"g-sg-1a", "sg-1a"}};
      gateways[0].requests_per_second = 20;  // so that its zone is the first
      {
        runtime::Gate beside(stage.shard, 8);
        for (auto& gateway : gateways) check(beside.start(poll_on(stage, gateway)), "a gate");
        check(beside.start(drive(stage)), "a gate");
        co_await wait(stage, 60);
        co_await plot_(stage, gateways);
        co_await beside.close();
      }
    });
  }

  static ControlOptions paced() {
    auto options = options_of("net");
    options.waves = Waves::paced;
    return options;
  }

  static Task<void> reopen_paced(Stage& stage) {
    auto options = paced();
    auto opened = co_await Control::open(stage.shard, *stage.store, std::move(options));
    check(opened.has_value(), "control opens");
    stage.control = std::move(*opened);
  }

  static Task<void> drive(Stage& stage) { co_await stage.control->drive_rollouts(); }

 private:
  static inline Plot plot_ = nullptr;
};

}  // namespace portolan::control::testing
