#include "control/run_control.h"

#include <array>
#include <memory>

#include "control/admin_api.h"
#include "control/control.h"
#include "control/gateway_api.h"
#include "control/golden.h"
#include "control/meter_client.h"
#include "control/open_store.h"
#include "control/openings.h"
#include "control/tell_meters.h"
#include "control/webhook.h"
#include "http/server.h"
#include "runtime/gate.h"
#include "seal/text_encoding.h"
#include "seal/tls_request.h"

namespace portolan::control {
namespace {

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string make_admin_key(runtime::Shard& shard) {
  std::array<unsigned char, 32> secret{};
  shard.fill_secret(secret);
  return "pta_" + seal::render_hex(secret);
}

constexpr int admin_key_tries_max = 5;  // while other controls are faster

// Put away first, stored as a digest then: a crash in between costs a key that
// never worked, and the next start makes another.
runtime::Task<Status> give_admin_key(runtime::Shard& shard, Control& control, RunOptions& options,
                                     Ready& ready) {
  auto key = make_admin_key(shard);
  if (options.admin_key_file.empty()) {
    ready.admin_key = key;
  } else {
    CO_TRY_DO(shard.disk().replace(options.admin_key_file, key + "\n", true));
  }
  const Status given = co_await control.set_admin_key(std::move(key));
  // Of any other fault it is not known whether the key works.
  if (given || given.error().code != Code::resource_conflict) co_return given;
  ready.admin_key.clear();
  if (!options.admin_key_file.empty()) {
    CO_TRY_DO(shard.disk().remove(options.admin_key_file));
  }
  co_return given;
}

// Of several controls that start on one store, one makes the key.
runtime::Task<Status> settle_admin_key(runtime::Shard& shard, Control& control, RunOptions& options,
                                       Ready& ready) {
  for (int tries = 1; !control.has_admin_key(); ++tries) {
    const Status given = co_await give_admin_key(shard, control, options, ready);
    const bool raced = !given && given.error().code == Code::resource_conflict;
    if (!given && (!raced || tries == admin_key_tries_max)) co_return given;
  }
  co_return Status{};
}

Result<std::shared_ptr<const runtime::Credentials>> mutual_credentials(runtime::Shard& shard,
                                                                       const RunOptions& options) {
  auto mutual = options.tls;
  mutual.require_peer = true;
  return shard.network().make_credentials(mutual);
}

Status listen(runtime::Shard& shard, const RunOptions& options,
              std::shared_ptr<const runtime::Credentials> of_gateways, http::Server& admin,
              http::Server& gateways, Ready& ready) {
  auto& network = shard.network();
  auto one_sided = options.tls;
  one_sided.require_peer = false;
  // Who joins knows the authority's fingerprint alone.
  if (options.joining) one_sided.certificate += options.joining->tls.certificate;
  const bool plain = is_loopback(options.admin.host);
  TRY(auto of_admin, network.make_credentials(one_sided));
  if (plain) of_admin = nullptr;
  TRY(auto gateway_listener,
      network.listen(
          {.address = options.gateways, .share_port = false, .credentials = of_gateways}));
  TRY(auto admin_listener,
      network.listen({.address = options.admin, .share_port = false, .credentials = of_admin}));
  ready.gateways = gateway_listener->address();
  ready.admin_url =
      (plain ? "http://" : "https://") + runtime::to_string(admin_listener->address());
  gateways.serve(std::move(gateway_listener));
  admin.serve(std::move(admin_listener));
  return {};
}

Joining::Places places_of(const RunOptions& options, const Ready& ready) {
  Joining::Places places{.control = runtime::to_string(ready.gateways), .meters = {}};
  for (const auto& meter : options.meters) places.meters.push_back(runtime::to_string(meter));
  return places;
}

// Before anybody joins: what is given for it is of this network.
Status check_joining(const RunOptions& options, WallTime now) {
  if (!options.joining) return {};
  const auto& authority = options.joining->tls;
  TRY_DO(seal::check_tls_authority(authority));
  const auto own = seal::check_tls_certificate(options.tls.certificate, options.tls.key,
                                               authority.certificate, now);
  if (!own) {
    return Fault{
        Code::bad_configuration, Retry::never,
        "--ca-certificate is not the authority of --tls-certificate: " + own.error().message};
  }
  TRY(const auto root, seal::VerifyKey::from_hex(options.joining->root));
  if (seal::verify_issued({&options.signer.certificate, 1}, root)) return {};
  return Fault{Code::bad_configuration, Retry::never,
               "--root is not the root that certified this control's signing key."};
}

Result<std::unique_ptr<Webhook>> make_webhook(runtime::Shard& shard, const RunOptions& options,
                                              Control& control, store::ControlStore& store) {
  if (!options.webhook) return std::unique_ptr<Webhook>();
  std::shared_ptr<const runtime::Credentials> credentials;
  if (options.webhook->url.tls) {
    runtime::TlsMaterial trust;
    trust.authority = options.webhook->authority;
    TRY(credentials, shard.network().make_credentials(trust));
  }
  return std::make_unique<Webhook>(shard, control, store, *options.webhook, credentials);
}

void start_background(const RunOptions& options, Control& control, Webhook* webhook,
                      runtime::Gate& background) {
  const auto start = [&background](runtime::Task<void> work) {
    check(background.start(std::move(work)), "a new gate is open");
  };
  if (options.etcd) {
    start(control.follow());
    start(control.tell_others());
  }
  start(control.drive_rollouts());
  start(control.record_parity());
  if (webhook == nullptr) return;
  start(webhook->observe());
  start(webhook->deliver());
}

runtime::Task<Status> serve(runtime::Shard& shard, RunOptions& options, Control& control,
                            store::ControlStore& store, std::function<void(const Ready&)>& tell,
                            runtime::Event& stop) {
  CO_TRY_DO(check_joining(options, shard.wall_now()));
  Ready ready;
  CO_TRY_DO(co_await settle_admin_key(shard, control, options, ready));
  CO_TRY(const auto own, mutual_credentials(shard, options));
  MeterClient meter(shard, control, options.network, options.meters, own);
  Joining joining(shard, control, store, options.joining);
  CO_TRY(const auto webhook, make_webhook(shard, options, control, store));
  InspectClient inspecting(shard, own);
  Golden golden(shard, control, store, inspecting);
  CO_TRY(auto public_trust, shard.network().make_credentials({}));
  OpeningLook look(shard, control, {store, inspecting, meter, std::move(public_trust)});
  Openings openings(shard, control, store, look);
  AdminApi admin_api(shard, {control, joining, golden, openings, meter});
  if (webhook) admin_api.show(*webhook);
  GatewayApi gateway_api(shard, control, joining);
  http::Server admin(shard, admin_api, {});
  http::Server gateways(shard, gateway_api, {});
  const Status listening = listen(shard, options, own, admin, gateways, ready);
  runtime::Gate background(shard, 9);
  if (listening) {
    joining.tell_places(places_of(options, ready));
    start_background(options, control, webhook.get(), background);
    check(background.start(golden.run_daily()), "a new gate is open");
    check(background.start(tell_meters(shard, control, meter)), "a new gate is open");
    check(background.start(openings.run()), "a new gate is open");
    tell(ready);
    const Status stopped = co_await stop.wait();
    shard.report(stopped ? "control is draining" : "control is stopping");
  }
  control.begin_drain();
  const Instant drained_by =
      shard.now() + (listening ? control_drain_ms.milliseconds() : Duration());
  co_await background.close();
  co_await gateways.drain(drained_by);
  co_await admin.drain(drained_by);
  co_await meter.close();
  if (webhook) co_await webhook->close();
  co_return listening;
}

runtime::Task<Status> serve_from(runtime::Shard& shard, store::ControlStore& store,
                                 RunOptions& options, std::function<void(const Ready&)>& tell,
                                 runtime::Event& stop) {
  ControlOptions control_options{.signer = options.signer,
                                 .network = options.network,
                                 .epoch = options.epoch,
                                 .waves = options.waves};
  CO_TRY(auto control, co_await Control::open(shard, store, std::move(control_options)));
  auto served = co_await serve(shard, options, *control, store, tell, stop);
  co_return served;
}

}  // namespace

runtime::Task<Status> run_control(runtime::Shard& shard, RunOptions& options,
                                  std::function<void(const Ready&)> tell, runtime::Event& stop) {
  CO_TRY_DO(shard.disk().make_folder(options.data));
  const StorePlace place{.folder = options.data, .etcd = options.etcd};
  CO_TRY(auto store, co_await open_store(shard, place, options.network));
  auto served = co_await serve_from(shard, *store, options, tell, stop);
  co_await store->close();
  co_return served;
}

}  // namespace portolan::control
