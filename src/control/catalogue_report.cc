#include "control/catalogue_report.h"

#include <algorithm>

#include "world/suggest.h"

namespace portolan::control {
namespace {

Status check_region(const ParitySnapshot& snapshot, const std::string& region) {
  std::vector<std::string_view> known;
  for (const auto& each : snapshot.contents->network.regions) known.push_back(each.name);
  if (std::ranges::find(known, region) != known.end()) return {};
  return Fault{Code::resource_not_found, Retry::never,
               "The World has no region '" + region + "'." + world::did_you_mean(region, known)};
}

// The model's features that no engine there gives.
wire::Json lacking(const wire::Json& product, const wire::Json& offer) {
  const auto& there = *offer.find("features")->as_array();
  auto lacks = wire::Json::array();
  for (const auto& feature : *product.find("features")->as_array()) {
    if (std::ranges::find(there, feature) == there.end()) lacks.push(feature);
  }
  return lacks;
}

// Of one product of report_products(), asked for one region.
wire::Json model_json(const wire::Json& product) {
  auto json = wire::Json::object();
  for (const char* member : {"name", "aliases", "context", "digest"}) {
    json.set(member, *product.find(member));
  }
  const auto& offer = product.find("regions")->as_array()->front();
  const bool served = *offer.find("has")->as_bool();
  json.set("served", served);
  if (!served) {
    for (const char* member : {"missing", "why", "rules"}) json.set(member, *offer.find(member));
    return json;
  }
  json.set("features", *offer.find("features"));
  json.set("lacks", lacking(product, offer));
  json.set("slots", *offer.find("slots"));
  if (const auto* prices = offer.find("prices")) json.set("prices", *prices);
  return json;
}

}  // namespace

Result<seal::CatalogueFacts> report_catalogue(const ParitySnapshot& snapshot,
                                              const std::string& region) {
  if (snapshot.numbers.world != 0) {
    TRY_DO(check_region(snapshot, region));
  }
  TRY(const auto products, report_products(snapshot, {.regions = {region}, .models = {}}));
  const auto& numbers = snapshot.numbers;
  seal::CatalogueFacts facts{.world = numbers.of(numbers.world),
                             .world_hash = numbers.world_hash,
                             .region = region,
                             .at = snapshot.now,
                             .models = wire::Json::array()};
  for (const auto& product : *products.as_array()) facts.models.push(model_json(product));
  return facts;
}

}  // namespace portolan::control
