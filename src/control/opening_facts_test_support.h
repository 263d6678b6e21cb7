#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "control/opening_facts.h"
#include "seal/identity.h"

// For tests: what is found at a place that is as it should be. Region mexico opens beside texas and
// chile; each zone has two gateways, model small on two llama.cpp and model large on one vLLM.
namespace portolan::control::testing {

inline constexpr WallTime opening_day = WallTime::from_unix_seconds(1'800'000'000);

inline std::string gateway_id(const std::string& zone, int number) {
  return "gw-" + zone + "-" + std::to_string(number);
}

inline model::Zone sound_zone(const std::string& region, const std::string& letter) {
  model::Zone zone;
  zone.name = region + "-" + letter;
  zone.region = region;
  zone.labels = {{"licensed", "yes"}};
  for (const int number : {1, 2}) {
    const std::string id = gateway_id(zone.name, number);
    zone.gateways.push_back({id, "http://" + id + ":8080", id + ":9443"});
  }
  return zone;
}

inline model::Region sound_region(const std::string& name, const std::string& country) {
  model::Region region;
  region.name = name;
  region.country = country;
  region.url = "https://" + name + ".example.net/v1";
  return region;
}

inline model::Model sound_model(const std::string& name, std::uint64_t context,
                                std::vector<std::string> features) {
  const std::string digest = "sha256:" + std::string(64, '0');
  return {name, digest, context, std::move(features), {}, {{"class", name}}};
}

inline model::Engine sound_engine(const std::string& kind, const std::string& host,
                                  std::uint32_t slots) {
  model::Engine engine;
  engine.kind = kind;
  engine.url = "http://" + host;
  engine.slots = slots;
  return engine;
}

inline world::Contents sound_contents() {
  world::Contents contents;
  auto& network = contents.network;
  network.regions = {sound_region("chile", "CL"), sound_region("mexico", "MX"),
                     sound_region("texas", "US")};
  network.zones = {sound_zone("chile", "a"), sound_zone("mexico", "a"), sound_zone("mexico", "b"),
                   sound_zone("texas", "a"), sound_zone("texas", "b")};
  network.models = {sound_model("large", 8192, {"chat", "stream"}),
                    sound_model("small", 4096, {"chat", "completions", "stream"})};
  for (const auto& zone : network.zones) {
    network.deployments.push_back({"large." + zone.name,
                                   "large",
                                   zone.name,
                                   {sound_engine("vllm", "large-1." + zone.name, 8)}});
    network.deployments.push_back({"small." + zone.name,
                                   "small",
                                   zone.name,
                                   {sound_engine("llama.cpp", "small-1." + zone.name, 4),
                                    sound_engine("llama.cpp", "small-2." + zone.name, 4)}});
  }
  network.scopes = {{"all", {"*"}, {}, model::Entry::in_scope}};
  model::Rule licence;
  licence.name = "licence";
  licence.kind = model::Rule::Kind::require;
  licence.weights = {{"class", "large"}};
  licence.places.labels = {{"licensed", "yes"}};
  network.rules = {licence};
  model::ParityTarget target;
  target.name = "everything";
  target.models = {"*"};
  target.regions = {"*"};
  contents.parity_targets = {target};
  return contents;
}

inline world::PromptProbe sound_answer(const std::string& model, bool by_own_tokenizer) {
  world::PromptProbe probe;
  probe.prompt = "tide";
  const Tokens prompt{model == "small" ? 31u : 35u};
  probe.prompt_tokens = prompt;
  probe.streamed_prompt_tokens = prompt;
  probe.completion_tokens = Tokens{16};
  probe.streamed_completion_tokens = Tokens{16};
  if (by_own_tokenizer) {
    probe.tokens_by_template = prompt;
    probe.completion_tokens_counted = Tokens{15};
  }
  probe.finish_reason = "length";
  probe.text = "It comes and goes";
  probe.text_sha256 = "0f0f" + model;
  probe.streamed_the_same = true;
  return probe;
}

inline world::EngineInspection sound_inspection(const model::Deployment& deployment,
                                                const model::Engine& engine,
                                                std::uint64_t context) {
  world::EngineInspection seen;
  seen.deployment = deployment.name;
  seen.model = deployment.model;
  seen.kind = engine.kind;
  seen.url = engine.url;
  seen.healthy = true;
  seen.served_as_known = true;
  seen.context = Tokens{context};
  const bool tells = engine.kind == "llama.cpp";
  if (tells) {
    seen.slots = engine.slots;
    seen.template_sha256 = "aaaa" + deployment.model;
    seen.tokenizer_sha256 = "bbbb" + deployment.model;
    seen.weights = {.parameters = 494'032'768,
                    .vocabulary = 151'936,
                    .bytes = Bytes{391'104'000},
                    .trained_context = Tokens{32'768}};
  }
  for (const auto* name : {"chat", "completions", "stream", "stream_usage"}) {
    seen.features.push_back({name, true, ""});
  }
  seen.probes = {sound_answer(deployment.model, tells)};
  return seen;
}

inline GatewayLook sound_look(const world::Contents& contents, const model::Zone& zone, int number,
                              bool of_place) {
  const std::string id = gateway_id(zone.name, number);
  Inspected found;
  found.clock_ahead = Duration::milliseconds(20);
  found.clock_doubt = Duration::milliseconds(15);
  auto& said = found.said;
  said.gateway = id;
  said.zone = zone.name;
  const auto identity = seal::render_identity({.network = "net", .zone = zone.name, .id = id});
  said.certificate =
      world::CertificateSaid{identity, zone.name, opening_day + Duration::hours(24 * 60)};
  for (const auto& other : contents.network.zones) {
    const bool other_of_place = other.region == "mexico";
    for (const auto& address : other.gateways) {
      const bool first = address.id == gateway_id(other.name, 1);
      const bool asked = other_of_place || (of_place && first);
      if (!asked || address.id == id) continue;
      const auto took = Duration::milliseconds(other_of_place ? 2 : 40);
      said.peers.push_back({address.id, true, took, ""});
    }
  }
  for (const auto& deployment : contents.network.deployments) {
    if (deployment.zone != zone.name || number != 1) continue;
    for (const auto& engine : deployment.engines) {
      const auto model =
          std::ranges::find(contents.network.models, deployment.model, &model::Model::name);
      said.engines.push_back(sound_inspection(deployment, engine, model->context));
    }
  }
  return {id, zone.name, of_place, "", std::move(found)};
}

inline GatewayHeard sound_heard(const Numbers& numbers, const std::string& zone, int number) {
  GatewayHeard heard;
  heard.gateway = gateway_id(zone, number);
  heard.zone = zone;
  heard.said.gateway = heard.gateway;
  heard.said.zone = zone;
  heard.said.world = world::Seen{numbers.of(numbers.world), numbers.world_hash};
  heard.said.keyring = world::Seen{numbers.of(numbers.keyring), "k"};
  heard.said.restrictions = world::Seen{numbers.of(numbers.restrictions), "r"};
  heard.said.engines = world::EngineTally{3, 3};
  heard.said.load = world::LoadSaid{16, zone.starts_with("mexico") ? 0u : 2u};
  return heard;
}

inline FrontDoorProbe sound_probe(const model::GatewayAddress& door, const std::string& zone,
                                  const std::string& model, bool streamed) {
  FrontDoorProbe probe;
  probe.door = door.url;
  probe.gateway = door.id;
  probe.zone = door.id.empty() ? "" : zone;
  probe.model = model;
  probe.streamed = streamed;
  probe.status = 200;
  probe.request_id = "gw-1-7";
  probe.computed_in = zone;
  probe.whole = true;
  probe.prompt_tokens = 31;
  probe.completion_tokens = 8;
  probe.record = ProbeRecord{zone, model, "completed", 31, 8};
  return probe;
}

inline RefusalProbe sound_refusal(const model::GatewayAddress& door, const std::string& zone) {
  RefusalProbe refusal{"data that no rule lets in", "scope_denied", {}};
  refusal.probe = sound_probe(door, zone, "small", false);
  refusal.probe.status = 403;
  refusal.probe.code = "scope_denied";
  refusal.probe.computed_in.clear();
  refusal.probe.record.reset();
  return refusal;
}

// At one front door, by its zone: what is asked there in turn.
inline void probe_door(OpeningFacts& facts, const model::GatewayAddress& door,
                       const std::string& zone) {
  for (const auto* model : {"small", "large"}) {
    for (const bool streamed : {false, true}) {
      facts.probes.push_back(sound_probe(door, zone, model, streamed));
    }
  }
  facts.refusals.push_back(sound_refusal(door, zone));
}

inline LossDrill sound_drill(const model::Zone& left, const std::string& lost) {
  LossDrill drill;
  drill.zone = lost;
  for (const auto& door : left.gateways) {
    for (const auto* model : {"small", "large"}) {
      drill.probes.push_back(sound_probe(door, left.name, model, false));
    }
  }
  return drill;
}

inline OpeningFacts sound_facts() {
  OpeningFacts facts;
  const auto contents = std::make_shared<world::Contents>(sound_contents());
  facts.contents = contents;
  facts.opening.name = "mexico";
  facts.opening.region = "mexico";
  facts.opening.round_trips = {{"texas", 60}, {"chile", 160}};
  facts.network = "net";
  facts.now = opening_day;
  facts.numbers = {"net", 2, 7, "w7", 9, 3};
  facts.region = "mexico";
  facts.zones = {"mexico-a", "mexico-b"};
  facts.neighbours = {"chile-a", "texas-a", "texas-b"};
  const auto& zones = contents->network.zones;
  for (const auto& zone : zones) {
    const bool of_place = zone.region == "mexico";
    for (const int number : {1, 2}) {
      facts.heard.push_back(sound_heard(facts.numbers, zone.name, number));
      if (of_place || number == 1) {
        facts.looks.push_back(sound_look(*contents, zone, number, of_place));
      }
    }
    if (!of_place) continue;
    for (const auto& door : zone.gateways) probe_door(facts, door, zone.name);
  }
  probe_door(facts, {"", contents->network.regions[1].url, ""}, "mexico-a");
  facts.drills = {sound_drill(zones[2], "mexico-a"), sound_drill(zones[1], "mexico-b")};
  facts.parity = ParityReport{{{"mexico", {.wanted = 9, .has = 9, .overdue = 0}}}, {}};
  return facts;
}

}  // namespace portolan::control::testing
