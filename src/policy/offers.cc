#include "policy/offers.h"

#include <algorithm>
#include <source_location>

#include "base/check.h"
#include "model/view.h"
#include "policy/rule_applies.h"
#include "policy/zones_under_rules.h"

namespace portolan::policy {
namespace {

// A rule that holds for a model, and the zones that it leaves.
struct Bound {
  const model::Rule* rule;
  model::ZoneMask left;
};

class Offers {
 public:
  Offers(const OfferFacts& facts, WallTime now)
      : world_(facts.world),
        restricted_(model::zones_restricted(world_, facts.restrictions.drained) |
                    model::zones_restricted(world_, facts.restrictions.denied)),
        gives_feature_(facts.gives_feature),
        gateways_(world_.zone_count()) {
    for (const auto& told : facts.gateways) gateways_[told.zone.value].push_back(&told);
    for (const auto& rule : world_.network().rules) {
      if (!rule_in_force(rule, now) || !rule.data.empty()) continue;
      rules_.push_back({&rule, zones_under_rule(world_, rule)});
    }
  }

  std::vector<Offer> list() {
    std::vector<Offer> offers;
    for (std::uint32_t i = 0; i < world_.network().models.size(); ++i) {
      const ModelIndex model{i};
      const auto bound = bound_by(model);
      for (std::uint16_t j = 0; j < world_.network().regions.size(); ++j) {
        offers.push_back(offer(model, RegionIndex{j}, bound));
      }
    }
    return offers;
  }

 private:
  std::vector<Bound> bound_by(ModelIndex model) const {
    std::vector<Bound> bound;
    for (const auto& each : rules_) {
      if (labels_meet(each.rule->weights, world_.model(model).labels)) bound.push_back(each);
    }
    return bound;
  }

  Offer offer(ModelIndex model, RegionIndex region, const std::vector<Bound>& bound) const {
    auto permitted = world_.zones_of_region(region);
    for (const auto& each : bound) permitted &= each.left;
    Offer offer{model, region, Missing::no_zone, {}, {}, 0};
    world_.zones_of_region(region).for_each([&](ZoneIndex zone) {
      const auto missing =
          permitted.contains(zone) ? missing_in(model, zone) : Missing::denied_by_rule;
      if (!missing) {
        add_zone(offer, *world_.deployment(model, zone));
        offer.missing.reset();
      } else if (offer.missing) {
        offer.missing = std::max(*offer.missing, *missing);
      }
    });
    if (offer.missing == Missing::denied_by_rule) {
      for (const auto& [rule, left] : bound) {
        if (!(world_.zones_of_region(region) - left).empty()) offer.rules.push_back(rule->name);
      }
    }
    return offer;
  }

  // In a zone where rules let it be.
  std::optional<Missing> missing_in(ModelIndex model, ZoneIndex zone) const {
    if (!world_.placement(model).contains(zone)) return Missing::not_deployed;
    if (restricted_.contains(zone)) return Missing::restricted;
    std::optional<Missing> missing = Missing::not_heard;
    for (const auto* told : gateways_[zone.value]) {
      const auto here = missing_at(*told, model, zone);
      if (!here) return std::nullopt;
      missing = std::max(missing, here);
    }
    return missing;
  }

  std::optional<Missing> missing_at(const GatewayTold& told, ModelIndex model,
                                    ZoneIndex zone) const {
    if (!deploys(told.holds, model, zone)) return Missing::no_world;
    if (!told.any_healthy) return Missing::not_probed;
    if (!*told.any_healthy) return Missing::unhealthy;
    return std::nullopt;
  }

  // Whether a World that may be another one has that model in that zone.
  bool deploys(const model::World* held, ModelIndex model, ZoneIndex zone) const {
    if (held == nullptr) return false;
    if (held == &world_) return true;
    const auto& name = world_.model(model).name;
    const auto its_model = held->find_model(name);
    const auto its_zone = held->find_zone(world_.zone(zone).name);
    return its_model && its_zone && held->model(*its_model).name == name &&
           held->placement(*its_model).contains(*its_zone);
  }

  void add_zone(Offer& offer, const model::Deployment& deployment) const {
    const auto& model = world_.model(offer.model);
    std::vector<std::string> features;
    for (const auto& feature : model.features) {
      const bool had = std::ranges::find(offer.features, feature) != offer.features.end();
      const bool here = std::ranges::any_of(
          deployment.engines, [&](const auto& engine) { return gives_feature_(engine, feature); });
      if (had || here) features.push_back(feature);
    }
    offer.features = std::move(features);
    for (const auto& engine : deployment.engines) offer.slots += engine.slots;
  }

  const model::World& world_;
  model::ZoneMask restricted_;
  GivesFeature gives_feature_;
  std::vector<std::vector<const GatewayTold*>> gateways_;  // by zone
  std::vector<Bound> rules_;
};

struct Words {
  std::string_view name;
  std::string_view sentence;
};

Words words_of(Missing missing) {
  switch (missing) {
    case Missing::no_zone:
      return {"no_zone", "the region has no zone"};
    case Missing::denied_by_rule:
      return {"denied_by_rule", "a rule denies it there"};
    case Missing::not_deployed:
      return {"not_deployed", "it is not deployed in a zone there that rules allow"};
    case Missing::restricted:
      return {"restricted", "an operator drained or denied where it is"};
    case Missing::not_heard:
      return {"not_heard", "control hears of no gateway where it is"};
    case Missing::no_world:
      return {"no_world", "no gateway there has the World that deploys it"};
    case Missing::not_probed:
      return {"not_probed", "its engines there have answered no probe yet"};
    case Missing::unhealthy:
      return {"unhealthy", "none of its engines there is healthy"};
    case Missing::engine_lacks:
      return {"engine_lacks", "no engine there is of a kind that gives it"};
    case Missing::too_few_slots:
      return {"too_few_slots", "its engines there take fewer requests at once"};
    case Missing::model_lacks:
      return {"model_lacks", "the model itself does not have it"};
    case Missing::no_price:
      return {"no_price", "no price book that holds now says what it costs there"};
    case Missing::too_dear:
      return {"too_dear", "it costs more there than its target allows"};
  }
  fail_check("a reason that is not in the closed set", std::source_location::current());
}

}  // namespace

std::vector<Offer> list_offers(const OfferFacts& facts, WallTime now) {
  return Offers(facts, now).list();
}

std::string_view name_of(Missing missing) { return words_of(missing).name; }

std::string_view sentence_of(Missing missing) { return words_of(missing).sentence; }

}  // namespace portolan::policy
