#include "gateway/gateway.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "policy/trusts_machine.h"

namespace portolan::gateway {

Gateway::Gateway(runtime::Shard& shard, const Options& options, Knowledge& knowledge,
                 Connections& connections, ZoneKey& zone_key, runtime::LineFile& access_log,
                 UsageLog& usage_log, std::uint64_t epoch)
    : shard_(shard),
      options_(options),
      knowledge_(knowledge),
      connections_(connections),
      zone_key_(zone_key),
      access_log_(access_log),
      usage_log_(usage_log),
      epoch_(epoch) {}

Result<ZoneIndex> Gateway::here(const model::World& world) const {
  const auto zone = world.find_zone(options_.zone);
  if (zone) return *zone;
  return Fault{Code::no_world, Retry::elsewhere,
               "the World has no zone " + options_.zone + ", where this gateway stands"};
}

std::string Gateway::region() const {
  const model::View& view = knowledge_.view();
  if (!view.world) return {};
  const auto zone = view.world->find_zone(options_.zone);
  return zone ? view.world->region(view.world->region_of(*zone)).name : std::string();
}

std::string Gateway::next_request_id() {
  return fmt::format("{}-{:x}-{:x}", options_.id, epoch_, ++sequence_);
}

wire::HeldVersions Gateway::held_versions() const {
  const model::View& view = knowledge_.view();
  wire::HeldVersions held;
  if (view.world) held.world = view.world->hash();
  if (view.keyring) held.keyring = view.keyring->version().number;
  if (view.restrictions) held.restrictions = view.restrictions->version.number;
  return held;
}

Result<std::string> Gateway::secret_of(const model::Engine& engine) const {
  if (!engine.auth) return std::string();
  const auto secret = options_.secrets.find(engine.auth->secret);
  if (secret != options_.secrets.end()) return secret->second;
  return Fault{Code::bad_configuration, Retry::elsewhere,
               "gateway " + options_.id + " has no secret named '" + engine.auth->secret + "'"};
}

Result<http::Pool*> Gateway::to_gateway(const std::string& zone,
                                        const model::GatewayAddress& gateway) {
  TRY_DO(policy::trusts_machine(knowledge_.view().restrictions, gateway.id));
  return connections_.to_gateway(zone, gateway);
}

bool Gateway::is_revoked() const {
  return !policy::trusts_machine(knowledge_.view().restrictions, options_.id).has_value();
}

std::vector<policy::ZoneHint> Gateway::zone_hints(const model::World& world) const {
  std::vector<policy::ZoneHint> hints;
  for (const auto& [name, from] : usable_from_) {
    const auto zone = world.find_zone(name);
    if (!zone) continue;
    if (hints.empty()) hints.resize(world.zone_count());
    hints[zone->value].usable_from = from;
  }
  return hints;
}

void Gateway::zone_failed(const std::string& zone) {
  // What this zone can do is on the EngineBoard, and newer there.
  if (zone == options_.zone) return;
  usable_from_[zone] = shard_.now() + limits::zone_backoff_ms.milliseconds();
}

std::vector<model::Engine> Gateway::engines_here(const model::World& world) const {
  std::vector<model::Engine> engines;
  const auto zone = world.find_zone(options_.zone);
  const std::size_t models = zone ? world.network().models.size() : 0;
  for (std::size_t i = 0; i < models; ++i) {
    const auto* deployment = world.deployment(ModelIndex{static_cast<std::uint32_t>(i)}, *zone);
    if (deployment == nullptr) continue;
    engines.insert(engines.end(), deployment->engines.begin(), deployment->engines.end());
  }
  return engines;
}

void Gateway::follow_view() {
  const model::View& view = knowledge_.view();
  if (view.restrictions) running_.cut(*view.restrictions);
  if (!view.world) return;
  tally_.adopt(view.world->version());
  if (view.world->hash() == followed_) return;
  followed_ = view.world->hash();
  engines_.set_engines(engines_here(*view.world));
}

bool Gateway::can_serve_here() const {
  return !draining && knowledge_.view().complete() && engines_.any_healthy();
}

}  // namespace portolan::gateway
