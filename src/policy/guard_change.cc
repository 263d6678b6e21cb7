#include "policy/guard_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "policy/loosened_rules.h"
#include "policy/lost_models.h"
#include "policy/moved_prices.h"

namespace portolan::policy {
namespace {

constexpr std::size_t gone_share = 10;  // one in so many
constexpr std::size_t left_share = 2;

class Guard {
 public:
  void set(std::string_view what, std::size_t before, std::size_t after) {
    if (before == 0 || after != 0) return;
    objections.push_back({"set emptied", fmt::format("{}: none instead of {}.", what, before)});
  }

  void count(std::string_view what, std::size_t before, std::size_t after) {
    set(what, before, after);
    if (after == 0 || after + 1 >= before || (before - after) * gone_share <= before) return;
    objections.push_back({"much gone", fmt::format("{}: {} instead of {}.", what, after, before)});
  }

  std::vector<Objection> objections;
};

// Calls visit(before, after) for each that stands in both.
template <class Resource, class Visit>
void for_kept(const std::vector<Resource>& before, const std::vector<Resource>& after,
              Visit visit) {
  std::map<std::string_view, const Resource*> kept;
  for (const Resource& resource : after) kept.emplace(resource.name, &resource);
  for (const Resource& old : before) {
    if (const auto found = kept.find(old.name); found != kept.end()) visit(old, *found->second);
  }
}

std::size_t engines_of(const model::Network& network) {
  std::size_t count = 0;
  for (const auto& deployment : network.deployments) count += deployment.engines.size();
  return count;
}

std::size_t gateways_of(const model::Network& network) {
  std::size_t count = 0;
  for (const auto& zone : network.zones) count += zone.gateways.size();
  return count;
}

void guard_kinds(const model::Network& before, const model::Network& after, Guard& guard) {
  guard.set("Regions", before.regions.size(), after.regions.size());
  guard.set("Zones", before.zones.size(), after.zones.size());
  guard.set("Deployments", before.deployments.size(), after.deployments.size());
  guard.set("Scopes", before.scopes.size(), after.scopes.size());
  guard.set("Rules", before.rules.size(), after.rules.size());
  guard.set("Price books", before.price_books.size(), after.price_books.size());
  guard.count("Models", before.models.size(), after.models.size());
  guard.count("Engines", engines_of(before), engines_of(after));
  guard.count("Gateways", gateways_of(before), gateways_of(after));
}

void guard_members(const model::World& before, const model::World& after, Guard& guard) {
  for_kept(before.network().regions, after.network().regions, [&](const auto& old, const auto&) {
    guard.set(fmt::format("Zones of region '{}'", old.name),
              before.zones_of_region(*before.find_region(old.name)).size(),
              after.zones_of_region(*after.find_region(old.name)).size());
  });
  for_kept(before.network().zones, after.network().zones, [&](const auto& old, const auto& now) {
    guard.set(fmt::format("Gateways of zone '{}'", old.name), old.gateways.size(),
              now.gateways.size());
  });
  for_kept(before.network().models, after.network().models, [&](const auto& old, const auto& now) {
    guard.set(fmt::format("Features of model '{}'", old.name), old.features.size(),
              now.features.size());
    guard.set(fmt::format("Aliases of model '{}'", old.name), old.aliases.size(),
              now.aliases.size());
    guard.set(fmt::format("Deployments of model '{}'", old.name),
              before.placement(*before.find_model(old.name)).size(),
              after.placement(*after.find_model(old.name)).size());
  });
  for_kept(before.network().deployments, after.network().deployments,
           [&](const auto& old, const auto& now) {
             guard.set(fmt::format("Engines of deployment '{}'", old.name), old.engines.size(),
                       now.engines.size());
           });
}

void guard_prices(const Standing& before, const Standing& after, WallTime now, Guard& guard) {
  for_kept(before.world.network().price_books, after.world.network().price_books,
           [&](const auto& old, const auto& fresh) {
             guard.set(fmt::format("Items of price book '{}'", old.name), old.items.size(),
                       fresh.items.size());
           });
  const auto changes = compare_prices(before, after, now);
  // The first date on which a set is too small stands for later ones.
  std::set<std::pair<std::string_view, std::string_view>> told;
  for (const PriceCount& count : changes.counts) {
    if (told.contains({count.currency, count.model})) continue;
    const auto known = guard.objections.size();
    guard.count(name_of(count, now), count.before, count.after);
    if (guard.objections.size() > known) told.emplace(count.currency, count.model);
  }
  for (const MovedPrice& moved : changes.moved) {
    guard.objections.push_back({"price moved", sentence_of(moved, now)});
  }
}

void guard_tenants(const Standing& before, const Standing& after, Guard& guard) {
  guard.set("Orgs", before.orgs.size(), after.orgs.size());
  guard.set("Workspaces", before.workspaces.size(), after.workspaces.size());
  for_kept(before.workspaces, after.workspaces, [&](const auto& old, const auto& now) {
    guard.set(fmt::format("Scopes of workspace '{}'", old.name), old.scopes.size(),
              now.scopes.size());
  });
}

// The zones that serve under these Restrictions: those with a gateway that is believed, where they
// have any.
model::ZoneMask open_zones(const model::World& world, const model::Restrictions& restrictions) {
  const auto taken = [&](const std::string& place) {
    return restrictions.drained.contains(place) || restrictions.denied.contains(place);
  };
  const auto revoked = [&](const model::Zone& zone) {
    return !zone.gateways.empty() &&
           std::ranges::all_of(zone.gateways, [&](const model::GatewayAddress& gateway) {
             return restrictions.revoked_machines.contains(gateway.id);
           });
  };
  model::ZoneMask open;
  for (std::size_t i = 0; i < world.zone_count(); ++i) {
    const ZoneIndex zone{static_cast<std::uint16_t>(i)};
    const model::Zone& each = world.zone(zone);
    if (!taken(each.name) && !taken(each.region) && !revoked(each)) open.add(zone);
  }
  return open;
}

}  // namespace

std::vector<Objection> guard_change(const Standing& before, const Standing& after, WallTime now) {
  Guard guard;
  guard_kinds(before.world.network(), after.world.network(), guard);
  guard_members(before.world, after.world, guard);
  guard_tenants(before, after, guard);
  guard_prices(before, after, now, guard);
  for (std::string& sentence : lost_models(before, after, now)) {
    guard.objections.push_back({"set emptied", std::move(sentence)});
  }
  for (std::string& sentence : loosened_rules(before, after, now)) {
    guard.objections.push_back({"rule loosened", std::move(sentence)});
  }
  return std::move(guard.objections);
}

std::vector<Objection> guard_restrictions(const model::World& world,
                                          const model::Restrictions& before,
                                          const model::Restrictions& after) {
  const auto open = open_zones(world, before);
  const auto left = open_zones(world, after);
  Guard guard;
  for (std::size_t i = 0; i < world.network().scopes.size(); ++i) {
    const auto& zones = world.zones_of_scope(ScopeIndex{static_cast<std::uint16_t>(i)});
    guard.set(fmt::format("Zones that serve scope '{}'", world.network().scopes[i].name),
              (zones & open).size(), (zones & left).size());
  }
  if (left.size() < open.size() && left.size() * left_share < world.zone_count()) {
    guard.objections.push_back(
        {"much gone", fmt::format("Zones that serve: {} of {}, which is less than half.",
                                  left.size(), world.zone_count())});
  }
  return std::move(guard.objections);
}

}  // namespace portolan::policy
