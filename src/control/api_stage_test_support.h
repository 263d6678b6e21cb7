#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "control/admin_api.h"
#include "control/control_stage_test_support.h"
#include "control/gateway_api.h"
#include "http/client.h"
#include "http/server.h"
#include "runtime/epoll_shard.h"
#include "seal/tls_authority.h"
#include "wire/json_value.h"

// For tests: control's two listeners on ports of this machine, over real TLS.
namespace portolan::control::testing {

inline constexpr const char* admin_key = "pta_for-tests";

inline seal::Validity all_time() {
  return {WallTime::from_unix_seconds(1'600'000'000), WallTime::from_unix_seconds(4'000'000'000)};
}

// One authority for all tests: making keys is slow.
inline const seal::TlsCredential& authority() {
  static const seal::TlsCredential made = *seal::make_tls_authority("net", all_time());
  return made;
}

inline runtime::TlsMaterial material_of(const seal::Identity& identity) {
  const auto leaf = seal::issue_tls_leaf(authority(), identity, all_time());
  check(leaf.has_value(), "the authority issues");
  return {.certificate = leaf->certificate,
          .key = leaf->key,
          .authority = authority().certificate,
          .require_peer = true};
}

struct ApiStage {
  explicit ApiStage(runtime::Shard& on, Control& controlled, store::ControlStore& kept)
      : shard(on),
        store(kept),
        control(controlled),
        joining(on, controlled, kept,
                Joining::Authority{authority(), root_key().verify_key().hex()}),
        meter(on, controlled, "net", {}, nullptr),
        inspecting(on, nullptr),
        golden(on, controlled, kept, inspecting),
        look(on, controlled, {kept, inspecting, meter, nullptr}),
        openings(on, controlled, kept, look),
        admin_api(on, {controlled, joining, golden, openings, meter}),
        gateway_api(on, controlled, joining),
        admin_server(on, admin_api, {}),
        gateway_server(on, gateway_api, {}) {
    auto& network = on.network();
    const auto own = network.make_credentials(
        material_of({"net", seal::Identity::Kind::control, "", "control-1"}));
    auto gateways =
        network.listen({.address = {"127.0.0.1", 0}, .share_port = false, .credentials = *own});
    auto admin =
        network.listen({.address = {"127.0.0.1", 0}, .share_port = false, .credentials = nullptr});
    gateway_address = (*gateways)->address();
    admin_pool = std::make_unique<http::Pool>(on, http::Origin{(*admin)->address(), {}, {}, {}});
    gateway_server.serve(std::move(*gateways));
    admin_server.serve(std::move(*admin));
  }

  std::unique_ptr<http::Pool> gateway_pool(std::string zone, std::string id) {
    const auto own = shard.network().make_credentials(
        material_of({"net", seal::Identity::Kind::gateway, std::move(zone), std::move(id)}));
    http::Origin origin{gateway_address, *own, {}, "spiffe://net/control/control-1"};
    return std::make_unique<http::Pool>(shard, std::move(origin));
  }

  runtime::Shard& shard;
  store::ControlStore& store;
  Control& control;
  Joining joining;
  MeterClient meter;
  InspectClient inspecting;
  Golden golden;
  OpeningLook look;
  Openings openings;
  AdminApi admin_api;
  GatewayApi gateway_api;
  http::Server admin_server;
  http::Server gateway_server;
  runtime::Address gateway_address;
  std::unique_ptr<http::Pool> admin_pool;
};

struct Called {
  int status = 0;
  wire::Json json;
  http::Answer answer;

  std::string text(std::string_view member) const {
    const auto* found = json.find(member);
    return found && found->as_string() ? *found->as_string() : std::string();
  }
  std::string code() const {
    const auto* error = json.find("error");
    const auto* found = error ? error->find("code") : nullptr;
    return found ? *found->as_string() : std::string();
  }
};

inline Task<Called> call(ApiStage& stage, std::string method, std::string target,
                         std::string body = {}, std::string key = admin_key) {
  http::Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.body = std::move(body);
  if (!key.empty()) request.fields.push_back({"authorization", "Bearer " + key});
  const Instant deadline = stage.shard.now() + Duration::seconds(60);
  auto answer = co_await http::fetch(*stage.admin_pool, std::move(request), deadline);
  check(answer.has_value(), "the admin API answers");
  Called called;
  called.status = answer->status;
  called.answer = std::move(*answer);
  auto json = wire::parse_json(called.answer.body);
  if (json) called.json = std::move(*json);
  co_return called;
}

inline Task<Result<http::Answer>> post_poll(ApiStage& stage, http::Pool& pool,
                                            world::PollRequest poll) {
  http::Request request;
  request.method = "POST";
  request.target = std::string(world::poll_path);
  request.body = world::encode_poll_request(poll);
  const Instant deadline = stage.shard.now() + Duration::seconds(60);
  auto answer = co_await http::fetch(pool, std::move(request), deadline);
  co_return answer;
}

struct ApiTest : ::testing::Test {
  using Story = Task<void> (*)(ApiStage& stage);

  static void play(Story story) {
    runtime::EpollShard shard;
    shard.run(whole(shard, story));
  }

 private:
  static Task<void> whole(runtime::Shard& shard, Story story) {
    store::SqliteControlStore::Options options;
    options.path = ":memory:";
    auto store = co_await store::SqliteControlStore::open(shard, options);
    auto control = co_await Control::open(shard, **store, options_of("net"));
    check(control.has_value(), "control opens");
    const auto keyed = co_await (*control)->set_admin_key(admin_key);
    check(keyed.has_value(), "an admin key is kept");
    {
      ApiStage stage(shard, **control, **store);
      co_await story(stage);
      co_await stage.admin_pool->close();
      co_await stage.gateway_server.close();
      co_await stage.admin_server.close();
    }
    co_await (*store)->close();
  }
};

}  // namespace portolan::control::testing
