#include <fmt/format.h>

#include <algorithm>

#include "control/admin_api.h"
#include "control/json_body.h"
#include "wire/url.h"
#include "world/time_text.h"

namespace portolan::control {
namespace {

constexpr std::size_t keys_per_page = 1'000;

wire::Json names_json(const std::vector<std::string>& names) {
  auto json = wire::Json::array();
  for (const auto& name : names) json.push(name);
  return json;
}

wire::Json key_json(const model::KeyRecord& key) {
  auto json = wire::Json::object();
  json.set("id", key.id);
  json.set("workspace", key.workspace);
  json.set("scopes", names_json(key.scopes));
  json.set("created", world::render_date(key.created));
  if (key.expires != model::KeyRecord{}.expires) {
    json.set("expires", world::render_date(key.expires));
  }
  json.set("revoked", key.revoked);
  return json;
}

Result<KeyWish> read_key_wish(const std::string& body) {
  TRY(const auto json, parse_body(body, {"workspace", "scopes", "expires"}));
  KeyWish wish;
  TRY(wish.workspace, required_text(json, "workspace"));
  TRY(wish.scopes, optional_texts(json, "scopes"));
  TRY(const auto expires, optional_text(json, "expires"));
  if (!expires) return wish;
  wish.expires = world::parse_date(*expires);
  if (wish.expires) return wish;
  return Fault{Code::invalid_parameter, Retry::never,
               fmt::format("'expires' is '{}'; give a date as 2027-01-31 or 2027-01-31T08:00:00Z.",
                           *expires)};
}

Result<RestrictionWish::Kind> read_kind(std::string_view text) {
  if (text == "drain") return RestrictionWish::Kind::drain;
  if (text == "deny") return RestrictionWish::Kind::deny;
  return Fault{Code::path_not_found, Retry::never,
               fmt::format("A restriction is 'drain' or 'deny', not '{}'.", text)};
}

Result<RestrictionWish> read_restriction(const std::string& body) {
  TRY(const auto json, parse_body(body, {"drain", "deny"}));
  TRY(const auto drain, optional_text(json, "drain"));
  TRY(const auto deny, optional_text(json, "deny"));
  if (drain.has_value() == deny.has_value()) {
    return Fault{Code::invalid_parameter, Retry::never,
                 "Give either {\"drain\": ZONE_OR_REGION} or {\"deny\": ZONE_OR_REGION}."};
  }
  RestrictionWish wish;
  wish.kind = drain ? RestrictionWish::Kind::drain : RestrictionWish::Kind::deny;
  wish.place = drain ? *drain : *deny;
  return wish;
}

Reply restrictions_reply(const State& state, int status) {
  const auto sorted = [](const std::unordered_set<std::string>& names) {
    std::vector<std::string> list(names.begin(), names.end());
    std::ranges::sort(list);
    return names_json(list);
  };
  auto json = wire::Json::object();
  json.set("number", state.numbers.restrictions);
  json.set("drain", sorted(state.restrictions.drained));
  json.set("deny", sorted(state.restrictions.denied));
  json.set("revoked_keys", sorted(state.restrictions.revoked_keys));
  json.set("revoked_machines", sorted(state.restrictions.revoked_machines));
  return json_reply(json, status);
}

}  // namespace

runtime::Task<Result<Reply>> AdminApi::list_keys(AdminCall call) {
  CO_TRY(const auto after, wire::find_parameter(call.query, "after"));
  CO_TRY(const auto workspace, wire::find_parameter(call.query, "workspace"));
  const auto& keys = control_.state().keys;
  auto at = after ? keys.upper_bound(*after) : keys.begin();
  auto list = wire::Json::array();
  auto json = wire::Json::object();
  std::string last;
  for (; at != keys.end() && list.as_array()->size() < keys_per_page; ++at) {
    if (workspace && at->second.workspace != *workspace) continue;
    list.push(key_json(at->second));
    last = at->first;
  }
  json.set("keys", std::move(list));
  if (at != keys.end()) json.set("next", last);
  co_return json_reply(json);
}

runtime::Task<Result<Reply>> AdminApi::create_key(AdminCall call) {
  CO_TRY(auto wish, read_key_wish(call.body));
  CO_TRY(const auto created, co_await control_.create_key(std::move(wish), std::move(call.by)));
  auto json = key_json(control_.state().keys.at(created.id));
  json.set("key", created.text);
  co_return json_reply(json, 201);
}

runtime::Task<Result<Reply>> AdminApi::revoke_key(AdminCall call) {
  CO_TRY_DO(co_await control_.revoke_key(call.names[0], std::move(call.by)));
  co_return json_reply(key_json(control_.state().keys.at(call.names[0])));
}

runtime::Task<Result<Reply>> AdminApi::list_restrictions(AdminCall) {
  co_return restrictions_reply(control_.state(), 200);
}

runtime::Task<Result<Reply>> AdminApi::add_restriction(AdminCall call) {
  CO_TRY(auto wish, read_restriction(call.body));
  CO_TRY_DO(co_await control_.restrict(std::move(wish), std::move(call.by)));
  co_return restrictions_reply(control_.state(), 201);
}

runtime::Task<Result<Reply>> AdminApi::lift_restriction(AdminCall call) {
  RestrictionWish wish;
  CO_TRY(wish.kind, read_kind(call.names[0]));
  wish.place = call.names[1];
  wish.lift = true;
  CO_TRY_DO(co_await control_.restrict(std::move(wish), std::move(call.by)));
  co_return restrictions_reply(control_.state(), 200);
}

runtime::Task<Result<Reply>> AdminApi::rotate_zone_key(AdminCall call) {
  CO_TRY(const std::uint64_t generation,
         co_await control_.rotate_zone_key(call.names[0], std::move(call.by)));
  auto json = wire::Json::object();
  json.set("zone", call.names[0]);
  json.set("generation", generation);
  co_return json_reply(json, 201);
}

}  // namespace portolan::control
