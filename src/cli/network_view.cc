#include "cli/network_view.h"

#include <algorithm>
#include <set>
#include <utility>

#include "world/codec.h"
#include "world/time_text.h"

namespace portolan::cli {
namespace {

using wire::Json;

// A gateway whose poll was answered may take a moment to ask again.
constexpr Duration silence_allowed = Duration::seconds(5);

// What one gateway has told control.
struct Told {
  std::string zone;
  bool lives = false;
  Duration ago;
  std::optional<std::pair<std::uint64_t, std::uint64_t>> world;  // epoch, number
  std::optional<Share> engines;
};

struct Known {
  std::map<std::string, Told> gateways;  // by id
  std::uint64_t epoch = 0;
  std::uint64_t number = 0;
  std::set<std::string> drained;
  std::set<std::string> denied;
};

std::string text_of(const Json* json) {
  const std::string* text = json != nullptr ? json->as_string() : nullptr;
  return text != nullptr ? *text : std::string();
}

std::uint64_t whole_of(const Json* json) {
  return json != nullptr ? json->as_uint64().value_or(0) : 0;
}

Json::Array list_of(const Json& json, std::string_view name) {
  const Json* list = json.find(name);
  return list != nullptr && list->as_array() != nullptr ? *list->as_array() : Json::Array{};
}

std::set<std::string> names_of(const Json& json, std::string_view list) {
  std::set<std::string> names;
  for (const Json& name : list_of(json, list)) names.insert(text_of(&name));
  return names;
}

Result<WallTime> time_of(const Json* json) {
  const auto time = world::parse_date(text_of(json));
  if (time) return *time;
  return Fault{Code::malformed_peer, Retry::never,
               "control's list of gateways has no dates; is it as new as this program?"};
}

Result<Told> read_gateway(const Json& json, WallTime now) {
  TRY(const WallTime seen, time_of(json.find("seen")));
  Told told;
  told.zone = text_of(json.find("zone"));
  const Json* connected = json.find("connected");
  const bool polls = connected != nullptr && connected->as_bool() && *connected->as_bool();
  told.ago = polls ? Duration{} : std::max(Duration{}, now - seen);
  told.lives = told.ago <= silence_allowed;
  const Json* world = json.find("world");
  if (world != nullptr && world->as_object() != nullptr) {
    told.world = {whole_of(world->find("epoch")), whole_of(world->find("version"))};
  }
  const Json* engines = json.find("engines");
  if (engines != nullptr && engines->as_object() != nullptr) {
    told.engines = {whole_of(engines->find("healthy")), whole_of(engines->find("total"))};
  }
  return told;
}

Result<Known> read_known(const NetworkAnswers& answers) {
  Known known;
  TRY(const WallTime now, time_of(answers.gateways.find("now")));
  for (const Json& gateway : list_of(answers.gateways, "gateways")) {
    TRY(known.gateways[text_of(gateway.find("gateway"))], read_gateway(gateway, now));
  }
  if (const Json* current = answers.worlds.find("current")) {
    known.epoch = whole_of(current->find("epoch"));
    known.number = whole_of(current->find("version"));
  }
  known.drained = names_of(answers.restrictions, "drain");
  known.denied = names_of(answers.restrictions, "deny");
  return known;
}

void take_older(std::optional<HeldWorld>& oldest, const HeldWorld& held) {
  const auto age = [](const HeldWorld& world) { return world.behind.value_or(UINT64_MAX); };
  if (!oldest || age(held) > age(*oldest)) oldest = held;
}

void add_gateway(ZoneView& zone, const Told& told, const Known& known) {
  if (!zone.seen || told.ago < *zone.seen) zone.seen = told.ago;
  if (!told.lives) return;
  ++zone.gateways.some;
  if (told.world) {
    const auto [epoch, number] = *told.world;
    const bool comparable = epoch == known.epoch && number <= known.number;
    HeldWorld held{number, {}};
    if (comparable) held.behind = known.number - number;
    take_older(zone.world, held);
  }
  if (!told.engines) return;
  // Gateways of a zone may differ for a moment; the worst is shown.
  zone.engines.some =
      zone.engines_known ? std::min(zone.engines.some, told.engines->some) : told.engines->some;
  zone.engines_known = true;
}

ZoneView::State judge(const ZoneView& zone, const Known& known) {
  using State = ZoneView::State;
  const auto in = [&](const std::set<std::string>& places) {
    return places.contains(zone.name) || places.contains(zone.region);
  };
  if (zone.gateways.all == 0) return State::no_gateway;
  if (zone.gateways.some == 0) return State::silent;
  if (in(known.denied)) return State::denied;
  if (in(known.drained)) return State::drained;
  if (!zone.world) return State::no_world;
  if (zone.engines.all == 0) return State::entry_only;
  if (!zone.engines_known) return State::probing;
  return zone.engines.some == 0 ? State::no_engine : State::serving;
}

ZoneView view_zone(const model::Zone& zone, const model::Network& network, const Known& known) {
  ZoneView view;
  view.name = zone.name;
  view.region = zone.region;
  std::set<std::string> engines;
  for (const model::Deployment& deployment : network.deployments) {
    if (deployment.zone != zone.name) continue;
    view.models.push_back(deployment.model);
    for (const model::Engine& engine : deployment.engines) engines.insert(engine.url);
  }
  std::ranges::sort(view.models);
  view.engines.all = engines.size();
  std::set<std::string> gateways;
  for (const model::GatewayAddress& gateway : zone.gateways) gateways.insert(gateway.id);
  for (const auto& [id, told] : known.gateways) {
    if (told.zone == zone.name) gateways.insert(id);
  }
  view.gateways.all = gateways.size();
  for (const std::string& id : gateways) {
    const auto told = known.gateways.find(id);
    if (told != known.gateways.end()) add_gateway(view, told->second, known);
  }
  view.state = judge(view, known);
  return view;
}

std::vector<RefusalView> read_refusals(const Json& gateways) {
  std::vector<RefusalView> refusals;
  for (const Json& gateway : list_of(gateways, "gateways")) {
    for (const Json& refusal : list_of(gateway, "refused")) {
      refusals.push_back(
          {text_of(gateway.find("gateway")), text_of(refusal.find("kind")) + " " +
                                                 std::to_string(whole_of(refusal.find("version"))) +
                                                 ": " + text_of(refusal.find("reason"))});
    }
  }
  return refusals;
}

}  // namespace

Result<NetworkView> view_network(const NetworkAnswers& answers) {
  TRY(const model::Network network, world::decode_network(wire::render_canonical(answers.network)));
  TRY(const Known known, read_known(answers));
  NetworkView view;
  view.world = known.number;
  if (const Json* current = answers.worlds.find("current")) {
    view.world_hash = text_of(current->find("hash"));
  }
  view.refusals = read_refusals(answers.gateways);
  for (const model::Region& region : network.regions) {
    RegionView& shown = view.regions.emplace_back(RegionView{region, {}});
    for (const model::Zone& zone : network.zones) {
      if (zone.region == region.name) shown.zones.push_back(view_zone(zone, network, known));
    }
  }
  return view;
}

std::string_view name_of(ZoneView::State state) {
  switch (state) {
    case ZoneView::State::serving:
      return "serving";
    case ZoneView::State::entry_only:
      return "entry only";
    case ZoneView::State::probing:
      return "probing";
    case ZoneView::State::drained:
      return "drained";
    case ZoneView::State::denied:
      return "denied";
    case ZoneView::State::no_engine:
      return "no engine";
    case ZoneView::State::no_world:
      return "no World";
    case ZoneView::State::silent:
      return "silent";
    case ZoneView::State::no_gateway:
      return "no gateway";
  }
  fail_check("a state that is not in the closed set", std::source_location::current());
}

Total total_of(const std::vector<ZoneView>& zones) {
  Total total;
  std::set<std::string> models;
  for (const ZoneView& zone : zones) {
    ++total.zones.all;
    if (zone.well()) ++total.zones.some;
    total.gateways.some += zone.gateways.some;
    total.gateways.all += zone.gateways.all;
    total.engines.some += zone.engines.some;
    total.engines.all += zone.engines.all;
    if (zone.engines.all > 0 && !zone.engines_known) total.engines_known = false;
    models.insert(zone.models.begin(), zone.models.end());
    if (zone.world) take_older(total.world, *zone.world);
  }
  total.models = {models.begin(), models.end()};
  return total;
}

}  // namespace portolan::cli
