#include "gateway/inspect_peers.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/envelope.h"
#include "gateway/inspect_limits.h"
#include "runtime/combine.h"

namespace portolan::gateway {
namespace {

constexpr std::size_t round_trips = 5;

struct Peer {
  std::string zone;
  model::GatewayAddress address;
};

Result<Peer> find_peer(const model::View& view, const std::string& id) {
  if (view.world) {
    for (const model::Zone& zone : view.world->network().zones) {
      for (const model::GatewayAddress& address : zone.gateways) {
        if (address.id == id) return Peer{zone.name, address};
      }
    }
  }
  return Fault{Code::resource_not_found, Retry::never, "it is in no World that this gateway knows"};
}

// One question on the pool's one connection; nothing is said of a first one's time.
runtime::Task<Result<http::Answer>> ask_health(http::Pool& pool, Instant deadline) {
  http::Request request;
  request.target = hop_health_path;
  request.answer_bytes_max = 1024;
  auto answer = co_await http::fetch(pool, std::move(request), deadline);
  co_return answer;
}

runtime::Task<Status> measure(http::Pool& pool, world::PeerReach& reach, Instant deadline) {
  CO_TRY(const auto first, co_await ask_health(pool, deadline));
  reach.reached = true;
  std::array<Duration, round_trips> times{};
  for (Duration& time : times) {
    const Instant begin = pool.shard().now();
    CO_TRY(const auto answer, co_await ask_health(pool, deadline));
    time = pool.shard().now() - begin;
    if (answer.status != 200) reach.why = "it can not serve";
  }
  std::ranges::nth_element(times, times.begin() + round_trips / 2);
  reach.round_trip = times[round_trips / 2];
  co_return Status();
}

}  // namespace

runtime::Task<world::PeerReach> reach_peer(Gateway& gateway, std::string id, Instant deadline) {
  world::PeerReach reach;
  reach.gateway = id;
  const auto peer = find_peer(gateway.knowledge().view(), id);
  const auto known =
      peer ? gateway.to_gateway(peer->zone, peer->address) : Result<http::Pool*>(peer.error());
  if (!known) {
    reach.why = known.error().message;
    co_return reach;
  }
  http::Pool own(gateway.shard(), (*known)->origin());
  const Instant reached_by =
      std::min(deadline, gateway.shard().now() + inspect_reach_ms.milliseconds());
  auto measuring = measure(own, reach, reached_by);
  const Status measured =
      co_await runtime::until(gateway.shard(), reached_by, std::move(measuring));
  if (!measured) reach.why = measured.error().message;
  co_await own.close();
  co_return reach;
}

}  // namespace portolan::gateway
