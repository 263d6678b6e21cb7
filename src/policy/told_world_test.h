#pragma once

#include <functional>
#include <optional>
#include <string>

#include "policy/offers.h"
#include "policy/small_world_test.h"

// The small world, and what its gateways told: all is well, but for what a test
// changes.
namespace portolan::policy {

constexpr WallTime today{1'000};

class ToldWorld {
 public:
  ToldWorld() : parts(small_world()) {
    parts.network.models[0].features = {"chat", "tools"};
    parts.network.models[0].context = 4096;
  }

  void take_out(const std::string& zone) {
    std::erase_if(parts.network.deployments, [&](const auto& d) { return d.zone == zone; });
  }

  // A plain engine gives no tools.
  static bool gives(const model::Engine& engine, std::string_view feature) {
    return engine.kind != "plain" || feature != "tools";
  }

  // Of the parts as they are now.
  OfferFacts facts() {
    view.emplace(parts.view());
    OfferFacts facts{*view->world, *view->restrictions, gives, {}};
    for (std::uint16_t i = 0; i < view->world->zone_count(); ++i) {
      GatewayTold told{{i}, view->world.get(), true};
      if (!change || change(view->world->zone({i}).name, told)) facts.gateways.push_back(told);
    }
    return facts;
  }

  Parts parts;
  std::optional<model::View> view;
  // Of the gateway in that zone; false: it is silent.
  std::function<bool(const std::string& zone, GatewayTold& told)> change;
};

}  // namespace portolan::policy
