#include "control/compare_golden.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <source_location>

#include "base/check.h"
#include "control/judge_probe.h"

namespace portolan::control {
namespace {

constexpr std::size_t digest_shown = 12;  // enough to tell two apart

// An engine in its zone.
struct Heard {
  const std::string* zone;
  const world::EngineInspection* engine;
};

// What one engine says of one fact.
struct Saying {
  Heard who;
  std::string value;
};

std::string shown_digest(const std::string& digest) { return digest.substr(0, digest_shown); }

std::string count_or_none(const std::optional<std::uint64_t>& count) {
  return count ? fmt::format("{}", *count) : "?";
}

std::string weights_of(const world::WeightsSaid& weights) {
  if (weights == world::WeightsSaid{}) return {};
  return fmt::format("{} parameters, {} tokens of vocabulary, {} bytes",
                     count_or_none(weights.parameters), count_or_none(weights.vocabulary),
                     weights.bytes ? fmt::format("{}", weights.bytes->value) : "?");
}

// Every fact that it tells, in the order in which one follows from another.
std::vector<std::pair<std::string, std::string>> facts_of(const world::EngineInspection& engine) {
  std::vector<std::pair<std::string, std::string>> facts = {
      {"template", shown_digest(engine.template_sha256)},
      {"tokenizer", shown_digest(engine.tokenizer_sha256)},
      {"weights", weights_of(engine.weights)}};
  for (const auto& probe : engine.probes) {
    if (!probe.prompt_tokens) continue;
    facts.emplace_back("prompt tokens of " + probe.prompt,
                       fmt::format("{}", probe.prompt_tokens->value));
  }
  for (const auto& probe : engine.probes) {
    facts.emplace_back("output of " + probe.prompt, shown_digest(probe.text_sha256));
  }
  std::erase_if(facts, [](const auto& fact) { return fact.second.empty(); });
  return facts;
}

// What more than half of the zones say; empty: nothing is.
std::string majority(const std::vector<Saying>& sayings) {
  std::map<std::string, std::set<std::string>> zones_by_value;
  std::set<std::string> zones;
  for (const auto& saying : sayings) {
    zones_by_value[saying.value].insert(*saying.who.zone);
    zones.insert(*saying.who.zone);
  }
  for (const auto& [value, saying_it] : zones_by_value) {
    if (saying_it.size() * 2 > zones.size()) return value;
  }
  return {};
}

void compare(const std::string& fact, const std::vector<Saying>& sayings, GoldenModel& into) {
  std::set<std::string> values;
  for (const auto& saying : sayings) values.insert(saying.value);
  if (values.size() < 2) return;
  const std::string most = majority(sayings);
  for (const auto& [who, value] : sayings) {
    if (value == most) continue;
    into.findings.push_back({.kind = most.empty() ? GoldenKind::split : GoldenKind::odd,
                             .zone = *who.zone,
                             .engine = who.engine->url,
                             .fact = fact,
                             .said = value,
                             .others = most});
  }
}

void compare_facts(const std::vector<Heard>& heard, GoldenModel& into) {
  std::vector<std::string> order;
  std::map<std::string, std::vector<Saying>> by_fact;
  for (const Heard& who : heard) {
    for (auto& [fact, value] : facts_of(*who.engine)) {
      auto& sayings = by_fact[fact];
      if (sayings.empty()) order.push_back(fact);
      sayings.push_back({who, std::move(value)});
    }
  }
  for (const auto& fact : order) compare(fact, by_fact.at(fact), into);
}

// What is wrong with it whatever the others say.
void judge_alone(const Heard& who, GoldenModel& into) {
  const auto& engine = *who.engine;
  const auto add = [&](GoldenKind kind, std::string fact, std::string said) {
    into.findings.push_back({.kind = kind,
                             .zone = *who.zone,
                             .engine = engine.url,
                             .fact = std::move(fact),
                             .said = std::move(said),
                             .others = {}});
  };
  if (!engine.why.empty()) add(GoldenKind::unheard, "inspection", engine.why);
  for (const auto& probe : engine.probes) {
    if (!probe.why.empty()) add(GoldenKind::unheard, "answer to " + probe.prompt, probe.why);
    for (auto& sentence : contradictions(probe)) {
      add(GoldenKind::contradicts, "answer to " + probe.prompt, std::move(sentence));
    }
  }
}

}  // namespace

std::string_view name_of(GoldenKind kind) {
  switch (kind) {
    case GoldenKind::odd:
      return "odd";
    case GoldenKind::split:
      return "split";
    case GoldenKind::contradicts:
      return "contradicts";
    case GoldenKind::unheard:
      return "unheard";
  }
  fail_check("a value that is not in its closed set", std::source_location::current());
}

std::vector<GoldenModel> compare_golden(const std::vector<GoldenZone>& zones) {
  std::map<std::string, std::vector<Heard>> by_model;
  for (const auto& zone : zones) {
    for (const auto& engine : zone.engines) by_model[engine.model].push_back({&zone.zone, &engine});
  }
  std::vector<GoldenModel> models;
  for (const auto& [name, heard] : by_model) {
    GoldenModel model{.model = name, .zones = 0, .engines = heard.size(), .findings = {}};
    std::set<std::string> in;
    for (const Heard& who : heard) in.insert(*who.zone);
    model.zones = in.size();
    compare_facts(heard, model);
    for (const Heard& who : heard) judge_alone(who, model);
    models.push_back(std::move(model));
  }
  return models;
}

}  // namespace portolan::control
