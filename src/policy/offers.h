#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/restrictions.h"
#include "model/world.h"

namespace portolan::policy {

// Why a region does not have something. Up to `unhealthy` each is nearer to having
// it than the one before, and a region is as near as its nearest zone.
enum class Missing : std::uint8_t {
  no_zone,
  denied_by_rule,
  not_deployed,
  restricted,
  not_heard,
  no_world,
  not_probed,
  unhealthy,
  engine_lacks,
  too_few_slots,
  model_lacks,
  no_price,
  too_dear
};

// "denied_by_rule": for programs; a sentence without its end for people.
std::string_view name_of(Missing missing);
std::string_view sentence_of(Missing missing);

// What a gateway that lives told control last.
struct GatewayTold {
  ZoneIndex zone;
  const model::World* holds = nullptr;  // null: none, or one that nobody has any more
  std::optional<bool> any_healthy;      // of its engines; nothing: not all are probed
};

// Whether an engine of that kind can give a feature, whatever model it serves.
using GivesFeature = bool (*)(const model::Engine& engine, std::string_view feature);

// All that says what regions have. `gateways` are those that live.
struct OfferFacts {
  const model::World& world;
  const model::Restrictions& restrictions;
  GivesFeature gives_feature;
  std::vector<GatewayTold> gateways;
};

// What one region offers of one model; with `missing`, nothing.
struct Offer {
  ModelIndex model;
  RegionIndex region;
  std::optional<Missing> missing;
  std::vector<std::string> rules;     // that deny it, where that is what is missing
  std::vector<std::string> features;  // that an engine there has, as the model lists them
  std::uint64_t slots = 0;            // of all engines there
};

// Every model in every region, by model, then by region. Rules count that hold at
// `now` whatever the data; those that ask for labels of data are about workspaces.
std::vector<Offer> list_offers(const OfferFacts& facts, WallTime now);

}  // namespace portolan::policy
