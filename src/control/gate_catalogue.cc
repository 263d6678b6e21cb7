#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "control/gate_place.h"
#include "dialect/engine_features.h"
#include "policy/rule_applies.h"
#include "policy/zones_under_rules.h"

namespace portolan::control {
namespace {

std::string item_text(const policy::ParityItem& item) {
  switch (item.kind) {
    case policy::ParityItem::Kind::model:
      return "The model";
    case policy::ParityItem::Kind::feature:
      return fmt::format("Feature '{}'", item.feature);
    case policy::ParityItem::Kind::context:
      return fmt::format("A context of {} tokens", item.amount);
    case policy::ParityItem::Kind::slots:
      return fmt::format("Room for {} requests at once", item.amount);
    case policy::ParityItem::Kind::price:
      return fmt::format("A price in {}", item.currency);
    case policy::ParityItem::Kind::input_price:
    case policy::ParityItem::Kind::output_price:
      return fmt::format("A price of {} at most {} {} for a million tokens",
                         item.kind == policy::ParityItem::Kind::input_price ? "input" : "output",
                         model::render_money({static_cast<std::int64_t>(item.amount)}),
                         item.currency);
  }
  return {};
}

bool asked_of(const model::Region& region, const model::ParityTarget& target) {
  return policy::lies_in(region, target.regions) && !policy::lies_in(region, target.except);
}

class CatalogueJudge {
 public:
  explicit CatalogueJudge(const OpeningFacts& facts)
      : facts_(facts), place_(gated_place(facts)), own_rule_("opening-" + facts.opening.name) {
    for (const auto* deployment : place_.deployments) deployed_.insert(deployment->model);
    if (!facts.contents || place_.region == nullptr) return;
    for (const auto& target : facts.contents->parity_targets) {
      if (asked_of(*place_.region, target)) targets_.push_back(target.name);
    }
  }

  GateVerdict judge() {
    if (deployed_.empty()) {
      add_finding(verdict_, place_subject(facts_),
                  "No model is deployed there. Apply its deployments.");
    }
    judge_report();
    judge_rules();
    for (const auto* deployment : place_.deployments) judge_features(*deployment);
    return std::move(verdict_);
  }

 private:
  // What parity targets ask of the region; where none does, what is deployed in the place.
  void judge_report() {
    const policy::ParityShare* share = share_of_region();
    if (share == nullptr) {
      const std::string_view why =
          facts_.parity_why.empty() ? "it was not measured" : clause(facts_.parity_why);
      add_finding(verdict_, place_subject(facts_),
                  fmt::format("What it has of its parity targets is not known: {}. Ask again when "
                              "control has measured it; 'portolan parity' does.",
                              why));
      return;
    }
    for (const auto& gap : facts_.parity->gaps) {
      if (gap.region == facts_.region) judge_gap(gap);
    }
    if (targets_.empty()) {
      verdict_.evidence.push_back(
          fmt::format("No ParityTarget asks for anything of region {}; it was held against the {} "
                      "models that are deployed there.",
                      facts_.region, deployed_.size()));
      return;
    }
    verdict_.evidence.push_back(fmt::format("Of {} things that {} ask of region {} it has {}.",
                                            share->wanted, some_of(targets_), facts_.region,
                                            share->has));
  }

  const policy::ParityShare* share_of_region() const {
    if (!facts_.parity) return nullptr;
    for (const auto& [region, share] : facts_.parity->regions) {
      if (region == facts_.region) return &share;
    }
    return nullptr;
  }

  void judge_gap(const ParityGap& gap) {
    std::string what =
        fmt::format("{} is missing: {}", item_text(gap.item), policy::sentence_of(gap.missing));
    if (!gap.rules.empty()) what += fmt::format(" ({})", some_of(gap.rules));
    if (gap.items > 1) what += fmt::format(", and {} things of it with it", gap.items - 1);
    const std::string subject = fmt::format("model {} in {}", gap.model, facts_.region);
    if (!counts(gap)) {
      verdict_.evidence.push_back(fmt::format("Not counted, {}: {}.", subject, what));
      return;
    }
    add_finding(verdict_, subject,
                fmt::format("{}{}. {}", what,
                            gap.target.empty() ? "" : fmt::format("; {} asks for it", gap.target),
                            advice_for(gap.missing)));
  }

  // What is so because of this opening or by an operator's own hand does not count, nor does what
  // is not of the place.
  bool counts(const ParityGap& gap) const {
    if (gap.missing == policy::Missing::restricted) return false;
    const bool by_others = std::ranges::any_of(
        gap.rules, [this](const std::string& rule) { return rule != own_rule_; });
    if (gap.missing == policy::Missing::denied_by_rule && !gap.rules.empty() && !by_others) {
      return false;
    }
    const bool whole_region = facts_.opening.zone.empty();
    return deployed_.contains(gap.model) || (whole_region && !targets_.empty());
  }

  static std::string_view advice_for(policy::Missing missing) {
    switch (missing) {
      case policy::Missing::denied_by_rule:
        return "Give region, zone or model the labels that the rule asks for, if they are true.";
      case policy::Missing::not_deployed:
        return "Apply a deployment of it.";
      case policy::Missing::engine_lacks:
        return "Deploy it on engines that give it.";
      case policy::Missing::too_few_slots:
        return "Deploy it on more engines.";
      case policy::Missing::model_lacks:
        return "Mend the target.";
      case policy::Missing::no_price:
        return "Apply a PriceBook that has one there.";
      case policy::Missing::too_dear:
        return "Mend the price book, or what the target allows.";
      case policy::Missing::no_zone:
      case policy::Missing::restricted:
      case policy::Missing::not_heard:
      case policy::Missing::no_world:
      case policy::Missing::not_probed:
      case policy::Missing::unhealthy:
        return "'portolan parity' and 'portolan zones' show more.";
    }
    return {};
  }

  // Zone by zone: to a region it is enough that rules let a model be in one of its zones.
  void judge_rules() {
    if (!facts_.contents) return;
    const auto world =
        model::World::make(facts_.contents->network, facts_.numbers.of(facts_.numbers.world), {});
    if (!world) {
      add_finding(verdict_, place_subject(facts_),
                  fmt::format("The resources make no World: {}. Mend what it names.",
                              clause(world.error().message)));
      return;
    }
    std::size_t rules = 0;
    for (const auto& rule : world->network().rules) {
      if (!policy::rule_in_force(rule, facts_.now) || !rule.data.empty()) continue;
      if (rule.name == own_rule_) continue;
      ++rules;
      judge_rule(*world, rule);
    }
    verdict_.evidence.push_back(fmt::format("{} models in {} zones were held against {} rules.",
                                            deployed_.size(), place_.zones.size(), rules));
  }

  void judge_rule(const model::World& world, const model::Rule& rule) {
    const auto left = policy::zones_under_rule(world, rule);
    for (const auto* deployment : place_.deployments) {
      const model::Model* model = model_named(facts_, deployment->model);
      const auto zone = world.find_zone(deployment->zone);
      if (model == nullptr || !zone || left.contains(*zone)) continue;
      if (!policy::labels_meet(rule.weights, model->labels)) continue;
      add_finding(verdict_, fmt::format("model {} in {}", model->name, deployment->zone),
                  fmt::format("It is deployed where a rule denies it ({}). {}", rule.name,
                              advice_for(policy::Missing::denied_by_rule)));
    }
  }

  void judge_features(const model::Deployment& deployment) {
    const model::Model* model = model_named(facts_, deployment.model);
    if (model == nullptr) return;
    for (const auto& feature : model->features) {
      const bool given = std::ranges::any_of(deployment.engines, [&](const auto& engine) {
        const auto kind = dialect::engine_kind_named(engine.kind);
        return dialect::gives_feature(kind.value_or(dialect::EngineKind::openai), feature);
      });
      if (given) continue;
      add_finding(verdict_, fmt::format("model {} in {}", model->name, deployment.zone),
                  fmt::format("No engine of deployment {} is of a kind that gives '{}', which the "
                              "model is said to have. {}",
                              deployment.name, feature, advice_for(policy::Missing::engine_lacks)));
    }
  }

  const OpeningFacts& facts_;
  GatedPlace place_;
  std::string own_rule_;  // by which the place is closed until it serves
  std::set<std::string> deployed_;
  std::vector<std::string> targets_;  // that ask for something of the region
  GateVerdict verdict_;
};

}  // namespace

GateVerdict gate_catalogue(const OpeningFacts& facts) { return CatalogueJudge(facts).judge(); }

}  // namespace portolan::control
