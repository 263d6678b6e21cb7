#include <fmt/format.h>

#include "control/admin_api.h"
#include "control/joining.h"
#include "control/json_body.h"
#include "world/time_text.h"

namespace portolan::control {
namespace {

std::string_view state_of(const TokenRecord& token, WallTime now) {
  if (token.revoked) return "revoked";
  if (!token.used_by.empty()) return "used";
  return now >= token.expires ? "late" : "waiting";
}

wire::Json token_json(const TokenRecord& token, WallTime now) {
  auto json = wire::Json::object();
  json.set("id", token.id);
  json.set("zone", token.zone);
  json.set("role", name_of(token.role));
  json.set("created", world::render_date(token.created));
  json.set("expires", world::render_date(token.expires));
  json.set("state", state_of(token, now));
  json.set("machine", token.machine);
  return json;
}

Result<TokenWish> read_token_wish(const std::string& body) {
  TRY(const auto json, parse_body(body, {"zone", "role", "expires", "planned"}));
  TokenWish wish;
  TRY(wish.zone, required_text(json, "zone"));
  TRY(const auto role, optional_text(json, "role"));
  if (role) {
    TRY(wish.role, parse_role(*role));
  }
  const auto* planned = json.find("planned");
  wish.planned = planned != nullptr && planned->as_bool() != nullptr && *planned->as_bool();
  TRY(const auto expires, optional_text(json, "expires"));
  if (!expires) return wish;
  const auto life = world::parse_duration(*expires);
  if (!life) {
    return Fault{Code::invalid_parameter, Retry::never,
                 fmt::format("'expires' is '{}'; give a time to live as 30m, 1h or 2d.", *expires)};
  }
  wish.life = *life;
  return wish;
}

Result<JoinWish> read_join_wish(const std::string& body) {
  TRY(const auto json, parse_body(body, {"token", "request", "zone", "role", "id"}));
  JoinWish wish;
  TRY(const auto token, required_text(json, "token"));
  TRY(wish.token, seal::parse_join_token(token));
  TRY(wish.request, required_text(json, "request"));
  const auto read = [&](std::string_view member, std::string& into) -> Status {
    TRY(auto text, optional_text(json, member));
    if (text) into = std::move(*text);
    return {};
  };
  TRY_DO(read("zone", wish.zone));
  TRY_DO(read("role", wish.role));
  TRY_DO(read("id", wish.id));
  return wish;
}

std::string_view state_of(const Machine& machine, bool revoked, WallTime now) {
  if (revoked) return "revoked";
  if (now >= machine.ends) return "ended";
  return ends_soon(machine, now) ? "ends soon" : "-";
}

// Where the World says that others reach that gateway; empty where it does not.
void add_address(wire::Json& json, const State& state, const Machine& machine) {
  for (const auto& zone : state.contents->network.zones) {
    for (const auto& gateway : zone.gateways) {
      if (gateway.id != machine.id) continue;
      json.set("url", gateway.url);
      json.set("hop", gateway.hop);
    }
  }
}

}  // namespace

runtime::Task<Result<Reply>> AdminApi::list_tokens(AdminCall) {
  CO_TRY(const auto tokens, co_await parts_.joining.tokens());
  auto list = wire::Json::array();
  for (const auto& token : tokens) list.push(token_json(token, shard_.wall_now()));
  auto json = wire::Json::object();
  json.set("tokens", std::move(list));
  co_return json_reply(json);
}

runtime::Task<Result<Reply>> AdminApi::create_token(AdminCall call) {
  CO_TRY(auto wish, read_token_wish(call.body));
  CO_TRY(const auto created,
         co_await parts_.joining.create_token(std::move(wish), std::move(call.by)));
  auto json = token_json(created.record, shard_.wall_now());
  json.set("token", created.text);
  co_return json_reply(json, 201);
}

runtime::Task<Result<Reply>> AdminApi::revoke_token(AdminCall call) {
  CO_TRY(const auto token, co_await parts_.joining.revoke_token(call.names[0], std::move(call.by)));
  co_return json_reply(token_json(token, shard_.wall_now()));
}

runtime::Task<Result<Reply>> AdminApi::list_machines(AdminCall) {
  CO_TRY(const auto machines, co_await parts_.joining.machines());
  const auto now = shard_.wall_now();
  auto list = wire::Json::array();
  for (const auto& machine : machines) {
    auto json = wire::Json::object();
    json.set("id", machine.id);
    json.set("identity", machine.identity);
    json.set("zone", machine.zone);
    json.set("joined", world::render_date(machine.joined));
    json.set("ends", world::render_date(machine.ends));
    json.set("state", state_of(machine, control_.is_revoked(machine.id), now));
    json.set("token", machine.token);
    list.push(std::move(json));
  }
  auto json = wire::Json::object();
  json.set("machines", std::move(list));
  co_return json_reply(json);
}

runtime::Task<Result<Reply>> AdminApi::revoke_machine(AdminCall call) {
  const std::string id = call.names[0];
  CO_TRY_DO(co_await parts_.joining.revoke_machine(id, std::move(call.by)));
  auto json = wire::Json::object();
  json.set("id", id);
  json.set("state", "revoked");
  json.set("restrictions", control_.state().numbers.restrictions);
  co_return json_reply(json);
}

runtime::Task<Result<Reply>> AdminApi::join(AdminCall call) {
  CO_TRY(auto wish, read_join_wish(call.body));
  // Nobody's admin key is behind it: the token in the entry says who let it in.
  Actor by;
  CO_TRY(const auto joined, co_await parts_.joining.join(std::move(wish), std::move(by)));
  const auto& authority = *parts_.joining.authority();
  auto json = wire::Json::object();
  json.set("network", joined.identity.network);
  json.set("role", name_of(joined.identity.kind));
  json.set("id", joined.machine.id);
  json.set("zone", joined.machine.zone);
  json.set("identity", joined.machine.identity);
  json.set("ends", world::render_date(joined.machine.ends));
  json.set("certificate", joined.certificate);
  json.set("authority", authority.tls.certificate);
  json.set("root", authority.root);
  json.set("control", parts_.joining.places().control);
  auto meters = wire::Json::array();
  for (const auto& meter : parts_.joining.places().meters) meters.push(meter);
  json.set("meters", std::move(meters));
  add_address(json, control_.state(), joined.machine);
  co_return json_reply(json);
}

}  // namespace portolan::control
