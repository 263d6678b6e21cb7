#include "gateway/readiness.h"

#include <utility>
#include <vector>

#include "gateway/envelope.h"
#include "http/client.h"

namespace portolan::gateway {
namespace {

constexpr Duration neighbour_timeout = Duration::milliseconds(500);

// Whether that gateway says that its own zone can serve.
runtime::Task<Result<bool>> neighbour_can_serve(Gateway& gateway, std::string zone,
                                                model::GatewayAddress address) {
  CO_TRY(http::Pool * pool, gateway.to_gateway(zone, address));
  http::Request request;
  request.target = std::string(hop_health_path);
  const Instant deadline = gateway.shard().now() + neighbour_timeout;
  CO_TRY(const http::Answer answer, co_await http::fetch(*pool, std::move(request), deadline));
  co_return answer.status == 200;
}

}  // namespace

runtime::Task<Readiness> ask_readiness(Gateway& gateway) {
  if (gateway.draining) co_return Readiness{false, "draining"};
  const model::View view = gateway.knowledge().view();
  if (!view.complete()) co_return Readiness{false, "no World, Keyring or Restrictions yet"};
  if (!view.ever_confirmed()) {
    co_return Readiness{false, "control has not said yet that the Keyring here is current"};
  }
  const auto here = gateway.here(*view.world);
  if (!here) co_return Readiness{false, here.error().message};
  const model::ZoneMask restricted =
      model::zones_restricted(*view.world, view.restrictions->drained) |
      model::zones_restricted(*view.world, view.restrictions->denied);
  if (restricted.contains(*here)) {
    co_return Readiness{
        false, "a restriction has zone " + gateway.options().zone + " take no new requests"};
  }
  if (gateway.can_serve_here()) co_return Readiness{true, "ok"};
  std::vector<ZoneIndex> neighbours;
  view.world->zones_of_region(view.world->region_of(*here)).for_each([&](ZoneIndex zone) {
    if (zone != *here && !restricted.contains(zone)) neighbours.push_back(zone);
  });
  for (const ZoneIndex zone : neighbours) {
    for (const model::GatewayAddress& address : view.world->zone(zone).gateways) {
      const auto can = co_await neighbour_can_serve(gateway, view.world->zone(zone).name, address);
      if (can && *can) co_return Readiness{true, "ok, by " + view.world->zone(zone).name};
    }
  }
  co_return Readiness{false, "no zone of this region has a healthy engine"};
}

}  // namespace portolan::gateway
