#include "gateway/run_gateway.h"

#include <utility>

#include "gateway/control_feed.h"
#include "gateway/engine_probe.h"
#include "gateway/epoch.h"
#include "gateway/front_door.h"
#include "gateway/gateway.h"
#include "gateway/hop_server.h"
#include "gateway/usage_log.h"
#include "gateway/usage_shipper.h"
#include "gateway/zone_key.h"
#include "runtime/combine.h"
#include "runtime/gate.h"

namespace portolan::gateway {
namespace {

constexpr Duration last_shipment_time = Duration::seconds(2);  // the meter may be stopping, too

Status revoked(const Options& options) {
  return Fault{Code::untrusted_peer, Retry::never,
               "This machine, '" + options.id +
                   "', was revoked: it serves nothing, and nobody in the network believes it. Have "
                   "it join anew under another id, with an empty data folder."};
}

// A machine that was revoked ends by itself, where it is still ours.
runtime::Task<void> follow_views(Gateway& gateway, runtime::Event& stop) {
  for (;;) {
    gateway.follow_view();
    if (gateway.is_revoked()) stop.notify_all();
    const Status changed = co_await gateway.knowledge().changed().wait();
    if (!changed) co_return;
  }
}

struct Doors {
  http::Server& region;  // shared with the region's other gateways
  http::Server& own;
  http::Server& hops;
};

Status listen(runtime::Shard& shard, const Options& options, const Connections& connections,
              Doors doors) {
  for (const runtime::ListenOptions& door : options.front_doors) {
    TRY(auto listener, shard.network().listen(door));
    (door.share_port ? doors.region : doors.own).serve(std::move(listener));
  }
  TRY(auto listener,
      shard.network().listen(
          {.address = options.hop, .share_port = false, .credentials = connections.own()}));
  doors.hops.serve(std::move(listener));
  return {};
}

}  // namespace

runtime::Task<Status> run_gateway(runtime::Shard& shard, Options& options, runtime::Event& stop) {
  CO_TRY_DO(shard.disk().make_folder(options.data));
  CO_TRY(const std::uint64_t epoch, raise_epoch(shard.disk(), options.data, shard.wall_now()));
  CO_TRY(auto last_good, world::LastGood::open(shard.disk(), options.data + "/last-good"));
  if (options.access_log.empty()) options.access_log = options.data + "/access.log";
  CO_TRY(auto log_file, shard.disk().open_append(options.access_log));
  ZoneKey zone_key(shard, options);
  CO_TRY_DO(zone_key.load());
  Connections connections(shard, options);
  CO_TRY_DO(connections.prepare());

  UsageLogOptions usage{.network = options.network,
                        .gateway = options.id,
                        .epoch = epoch,
                        .folder = options.data + "/usage",
                        .has_meter = !options.meters.empty()};
  CO_TRY(const auto usage_log, co_await UsageLog::open(shard, std::move(usage)));

  runtime::LineFile access_log(shard, std::move(log_file));
  Knowledge knowledge(shard, std::move(last_good), options);
  co_await knowledge.load();
  Gateway gateway(shard, options, knowledge, connections, zone_key, access_log, *usage_log, epoch);
  const bool was_revoked = gateway.is_revoked();
  FrontDoor region_door(gateway, false);
  FrontDoor own_door(gateway, true);
  HopServer hop_server(gateway);
  const http::ServerOptions of_doors{.connections_max = options.connections_max};
  http::Server region(shard, region_door, of_doors);
  http::Server own(shard, own_door, of_doors);
  http::Server hops(shard, hop_server, {});
  ControlFeed feed(shard, options, epoch, connections, knowledge, zone_key, gateway.tally());
  UsageShipper shipper(shard, options, connections, knowledge, *usage_log);
  runtime::Gate background(shard, 8);
  const Status listening =
      was_revoked ? revoked(options) : listen(shard, options, connections, {region, own, hops});
  if (listening) {
    background.start(follow_views(gateway, stop));
    background.start(feed.run());
    background.start(probe_engines(gateway, feed));
    background.start(usage_log->run());
    background.start(shipper.run());
    shard.report("gateway " + options.id + " of " + options.zone + " serves");
    const Status stopped = co_await stop.wait();
    gateway.draining = true;
    shard.report(stopped ? "draining" : "stopping");
  }
  const bool drains_slowly = listening && !gateway.is_revoked();
  const Instant drained_by = shard.now() + (drains_slowly ? options.drain_time : Duration());
  runtime::Gate drains(shard, 3);
  drains.start(region.drain(drained_by));
  drains.start(own.drain(drained_by));
  drains.start(hops.drain(drained_by));
  co_await drains.drain();
  co_await background.close();
  co_await usage_log->close();
  const Instant shipped_by = shard.now() + last_shipment_time;
  co_await shipper.ship_rest(shipped_by);
  co_await connections.close();
  co_await access_log.close();
  co_return gateway.is_revoked() ? revoked(options) : listening;
}

}  // namespace portolan::gateway
