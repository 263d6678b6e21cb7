#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "control/compare_place.h"
#include "dialect/engine_body.h"
#include "dialect/engine_props.h"

namespace portolan::control {
namespace {

// One engine as the resources have it.
struct Wanted {
  const model::Deployment& deployment;
  const model::Engine& engine;
  const model::Model& model;
};

std::string engine_subject(std::string_view url, std::string_view zone) {
  return fmt::format("engine {} in {}", url, zone);
}

// Every client may ask for any of these where the model has chat; a stream is billed by its usage.
std::vector<std::string> features_needed(const model::Model& model) {
  std::vector<std::string> needed;
  const auto lists = [&](std::string_view name) { return is_among(model.features, name); };
  if (lists("chat") || model.features.empty()) needed.emplace_back("chat");
  if (lists("completions")) needed.emplace_back("completions");
  if (lists("chat") || lists("stream") || model.features.empty()) {
    needed.emplace_back("stream");
    needed.emplace_back("stream_usage");
  }
  return needed;
}

class EnginesJudge {
 public:
  explicit EnginesJudge(const OpeningFacts& facts) : facts_(facts), place_(gated_place(facts)) {}

  GateVerdict judge() {
    if (!has_gateways(facts_, place_, verdict_)) return std::move(verdict_);
    for (const auto* deployment : place_.deployments) {
      const model::Model* model = model_named(facts_, deployment->model);
      if (model == nullptr) continue;
      for (const auto& engine : deployment->engines) judge_engine({*deployment, engine, *model});
    }
    if (place_.deployments.empty()) {
      add_finding(verdict_, place_subject(facts_), "It has no engines. Apply its deployments.");
    }
    for (const auto& finding : compare_place(facts_, place_)) tell_odd(finding);
    tell();
    return std::move(verdict_);
  }

 private:
  void judge_engine(const Wanted& wanted) {
    ++engines_;
    bool seen = false;
    std::string why_not = "none of its gateways was asked";
    for (const auto& look : facts_.looks) {
      if (look.zone != wanted.deployment.zone) continue;
      if (!look.found) {
        if (!look.why.empty()) why_not = look.why;
        continue;
      }
      why_not = fmt::format("gateway {} does not know it", look.gateway);
      for (const auto& engine : look.found->said.engines) {
        const bool is_it =
            engine.url == wanted.engine.url && engine.deployment == wanted.deployment.name;
        if (!is_it) continue;
        judge_seen(wanted, engine, !seen);
        seen = true;
      }
    }
    if (seen) return;
    add(wanted,
        fmt::format("No gateway of its zone has looked at it: {}. See that the gateway runs "
                    "and holds the newest World.",
                    clause(why_not)));
  }

  void add(const Wanted& wanted, std::string sentence) {
    add_finding(verdict_, engine_subject(wanted.engine.url, wanted.deployment.zone),
                std::move(sentence));
  }

  void judge_seen(const Wanted& wanted, const world::EngineInspection& seen, bool first) {
    if (!seen.healthy) {
      add(wanted,
          fmt::format("It is down by the gateway's probes{}{}. Start it, or take it out of "
                      "deployment {}.",
                      seen.why.empty() ? "" : ": ", clause(seen.why), wanted.deployment.name));
      return;
    }
    if (!seen.why.empty()) {
      add(wanted, fmt::format("It could not be looked at, or not at all of it: {}. See that it "
                              "answers, and ask again.",
                              clause(seen.why)));
      return;
    }
    judge_said(wanted, seen, first);
    judge_limits(wanted, seen, first);
    judge_features(wanted, seen);
    judge_answers(wanted, seen);
  }

  // What it does not say although its kind could is as wrong as another answer; what its kind can
  // not say is told as not known.
  void unsaid(const Wanted& wanted, std::string_view fact, bool kind_says, bool first) {
    if (kind_says) {
      add(wanted, fmt::format("It does not say its {}, which {} does. Look at its version and "
                              "settings.",
                              fact, wanted.engine.kind));
    } else if (first) {
      ++unknown_[std::string(fact)];
    }
  }

  void judge_said(const Wanted& wanted, const world::EngineInspection& seen, bool first) {
    const auto kind = dialect::engine_kind_named(wanted.engine.kind);
    const auto paths = dialect::props_paths(kind.value_or(dialect::EngineKind::openai));
    const auto name = dialect::served_name(wanted.engine, wanted.model);
    if (!seen.served_as_known) {
      unsaid(wanted, "models", false, first);
    } else if (!*seen.served_as_known) {
      add(wanted, fmt::format("Its list of models does not have '{}', by which it is asked. Load "
                              "that model, or write 'served_as' into deployment {}.",
                              name, wanted.deployment.name));
    }
    if (seen.template_sha256.empty()) unsaid(wanted, "template", !paths.props.empty(), first);
    if (seen.tokenizer_sha256.empty()) unsaid(wanted, "tokenizer", !paths.tokenize.empty(), first);
    if (seen.weights == world::WeightsSaid{}) unsaid(wanted, "weights", false, first);
  }

  void judge_limits(const Wanted& wanted, const world::EngineInspection& seen, bool first) {
    const auto kind = dialect::engine_kind_named(wanted.engine.kind);
    const bool kind_says =
        !dialect::props_paths(kind.value_or(dialect::EngineKind::openai)).props.empty();
    if (!seen.context) {
      unsaid(wanted, "context", kind_says, first);
    } else if (seen.context->value < wanted.model.context) {
      add(wanted, fmt::format("It takes a context of {} tokens a request, where model {} has {}. "
                              "Start it with that much for each slot.",
                              seen.context->value, wanted.model.name, wanted.model.context));
    }
    if (!seen.slots) {
      unsaid(wanted, "slots", kind_says, first);
    } else if (*seen.slots < wanted.engine.slots) {
      add(wanted, fmt::format("It computes {} requests at once, where deployment {} says {} slots. "
                              "Start it with that many, or write what it has.",
                              *seen.slots, wanted.deployment.name, wanted.engine.slots));
    }
  }

  void judge_features(const Wanted& wanted, const world::EngineInspection& seen) {
    bool stream_works = true;
    for (const auto& name : features_needed(wanted.model)) {
      const auto tried = std::ranges::find(seen.features, name, &world::FeatureTried::name);
      if (tried == seen.features.end()) {
        // Usage of a stream is not looked at where there is no stream.
        if (name == "stream_usage" && !stream_works) continue;
        add(wanted, fmt::format("Whether feature '{}' works was not tried. Ask again.", name));
      } else if (!tried->works) {
        add(wanted, fmt::format("Feature '{}' does not work: {}. Model {} needs it; look at the "
                                "engine's version and settings.",
                                name, tried->why.empty() ? "it says not why" : clause(tried->why),
                                wanted.model.name));
      }
      if (name == "stream") stream_works = tried != seen.features.end() && tried->works;
    }
  }

  void judge_answers(const Wanted& wanted, const world::EngineInspection& seen) {
    if (seen.probes.empty()) add(wanted, "It was asked no prompt. Ask again.");
    for (const auto& probe : seen.probes) {
      const bool counted = probe.prompt_tokens && probe.completion_tokens;
      if (counted || !probe.why.empty()) continue;
      add(wanted, fmt::format("Its answer to {} has no usage, by which it would be billed. Look at "
                              "the engine's settings for usage.",
                              probe.prompt));
    }
  }

  bool is_wanted(const PlaceFinding& finding) const {
    return std::ranges::any_of(place_.deployments, [&](const model::Deployment* deployment) {
      return deployment->zone == finding.zone && deployment->model == finding.model &&
             is_among(deployment->engines, finding.engine, &model::Engine::url);
    });
  }

  void tell_odd(const PlaceFinding& finding) {
    if (!is_wanted(finding)) return;
    add_finding(verdict_, engine_subject(finding.engine, finding.zone), sentence_of(finding));
  }

  static std::string sentence_of(const PlaceFinding& finding) {
    const GoldenFinding& first = finding.first;
    const std::string more =
        finding.more == 0 ? "" : fmt::format(" (with {} more of its facts)", finding.more);
    switch (first.kind) {
      case GoldenKind::odd:
        return fmt::format(
            "Its {} is '{}', where most zones that have model {} say '{}'{}. Load "
            "the weights, template and tokenizer that they have.",
            first.fact, first.said, finding.model, first.others, more);
      case GoldenKind::split:
        return fmt::format(
            "Its {} is '{}', where another zone that has model {} says otherwise{}. "
            "Find out which is right, and load that.",
            first.fact, first.said, finding.model, more);
      case GoldenKind::contradicts:
        return fmt::format(
            "Its {} contradicts itself: {}. Bills would be wrong; look at the "
            "engine's version.",
            first.fact, clause(first.said));
      case GoldenKind::unheard:
        return fmt::format("Its {} failed: {}. See that it answers, and ask again.", first.fact,
                           clause(first.said));
    }
    return {};
  }

  void tell() {
    std::string unknown;
    for (const auto& [fact, count] : unknown_) {
      unknown += fmt::format("; {} do not say their {}", count, fact);
    }
    verdict_.evidence.push_back(
        fmt::format("{} engines of {} deployments were looked at and held against other zones{}. "
                    "The digest of its weights no engine says.",
                    engines_, place_.deployments.size(), unknown));
  }

  const OpeningFacts& facts_;
  GatedPlace place_;
  GateVerdict verdict_;
  std::size_t engines_ = 0;
  std::map<std::string, std::size_t> unknown_;  // engines that do not say it, by fact
};

}  // namespace

GateVerdict gate_engines(const OpeningFacts& facts) { return EnginesJudge(facts).judge(); }

}  // namespace portolan::control
