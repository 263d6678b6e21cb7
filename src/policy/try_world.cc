#include "policy/try_world.h"

#include <fmt/format.h>

#include <numeric>

namespace portolan::policy {
namespace {

Result<AllowedZones> decide(const Decided& decided, const model::View& view,
                            const std::string& here, WallTime now) {
  TRY(const auto caller, authenticate_again(view, decided.caller, now));
  const auto zone = view.world->find_zone(here);
  if (!zone) return Fault{Code::no_world, Retry::elsewhere, "the World has no such zone"};
  TRY(const auto grant, may_enter(view, caller, *zone, decided.scope_header, now));
  return allowed_zones(view, caller, grant, decided.facts, now);
}

bool is_gone(const model::World& world, const std::string& name) {
  const auto model = world.find_model(name);
  return !model || world.placement(*model).empty();
}

}  // namespace

std::size_t WorldTrial::refused_count() const {
  return std::accumulate(refused.begin(), refused.end(), std::size_t{0},
                         [](std::size_t sum, const auto& each) { return sum + each.second; });
}

WorldTrial try_world(std::span<const Decided> decided, const model::View& held,
                     const model::View& offered, const std::string& here, WallTime now) {
  WorldTrial trial;
  for (const Decided& each : decided) {
    if (!decide(each, held, here, now)) continue;
    ++trial.decisions;
    const auto allowed = decide(each, offered, here, now);
    if (!allowed) {
      ++trial.refused[allowed.error().code];
      if (is_gone(*offered.world, each.facts.model)) ++trial.gone;
      continue;
    }
    const auto zone = offered.world->find_zone(each.zone);
    if (!zone || !allowed->zones.contains(*zone)) ++trial.elsewhere;
  }
  return trial;
}

Status accept_trial(const WorldTrial& trial, std::size_t decisions_min) {
  const bool sure = trial.decisions >= decisions_min && trial.decisions > 0;
  if (!sure || trial.gone < trial.decisions) return {};
  return Fault{Code::invalid_resource, Retry::never,
               fmt::format("The last {} requests here that the World held allows would all be "
                           "refused: it deploys their models nowhere. A list that came out empty "
                           "looks like this. If it is meant, restart this gateway.",
                           trial.decisions)};
}

}  // namespace portolan::policy
