#include "control/joining.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "control/join_codec.h"
#include "seal/text_encoding.h"
#include "seal/tls_request.h"
#include "world/suggest.h"

namespace portolan::control {
namespace {

constexpr int tries_max = 5;  // while other controls are faster
constexpr std::size_t zone_bytes_in_id_max = 50;

bool lost_a_race(const Fault& fault) {
  return fault.code == Code::resource_conflict && fault.retry == Retry::later;
}

WallTime whole_seconds(WallTime time) { return WallTime::from_unix_seconds(time.unix_seconds()); }

Status check_life(Duration life) {
  const auto most = Duration::hours(static_cast<std::int64_t>(join_token_hours_max.value));
  if (life >= Duration::seconds(1) && life <= most) return {};
  return Fault{Code::invalid_parameter, Retry::never,
               fmt::format("A token lives for at least a second and at most {} hours ({}).",
                           join_token_hours_max.value, join_token_hours_max.name)};
}

AuditFacts facts_of(Act act, Actor by, std::vector<AuditThing> things) {
  return {.act = act, .by = std::move(by), .numbers = {}, .things = std::move(things)};
}

void put(store::Transaction& transaction, std::string key, std::string value,
         std::uint64_t revision) {
  transaction.compares.push_back({key, revision});
  transaction.puts.push_back({.key = std::move(key), .value = std::move(value), .lease = 0});
}

}  // namespace

Status Joining::check_authority() const {
  if (authority_) return {};
  return Fault{Code::bad_configuration, Retry::never,
               "This control lets no machine join: it was started without --ca-key, "
               "--ca-certificate and --root. Start it with them, or ask a control that has them."};
}

bool Joining::zone_known(const std::string& zone) const {
  const auto& zones = control_.state().contents->network.zones;
  return std::ranges::find(zones, zone, &model::Zone::name) != zones.end();
}

bool Joining::serves(const seal::Identity& identity) const {
  if (identity.kind != seal::Identity::Kind::gateway) return false;
  const auto& gateways = control_.gateways().by_id();
  const auto found = gateways.find(identity.id);
  return found != gateways.end() && found->second.connected();
}

Status Joining::check_not_revoked(const std::string& id) const {
  if (!control_.is_revoked(id)) return {};
  return Fault{Code::untrusted_peer, Retry::never,
               fmt::format("The machine '{}' was revoked, and its id with it. Join with an empty "
                           "folder and another --id.",
                           id)};
}

// The zone's name and six hex digits.
std::string Joining::fresh_id(const TokenRecord& token) {
  std::array<unsigned char, 3> chance{};
  shard_.fill_secret(chance);
  const bool of_zone = token.role == seal::Identity::Kind::gateway;
  const auto stem =
      of_zone ? token.zone.substr(0, zone_bytes_in_id_max) : std::string(name_of(token.role));
  return fmt::format("{}-{}", stem, seal::render_hex(chance));
}

template <class Record>
runtime::Task<Result<std::vector<Joining::Stored<Record>>>> Joining::read(
    std::string prefix, Result<Record> (*parse)(std::string_view)) {
  store::RangeRequest request;
  request.prefix = std::move(prefix);
  CO_TRY(const auto range, co_await store_.range(std::move(request)));
  std::vector<Stored<Record>> all;
  for (const auto& item : range.items) {
    CO_TRY(auto record, parse(item.value));
    all.push_back({std::move(record), item.mod_revision});
  }
  co_return all;
}

template <class Record>
std::optional<Joining::Stored<Record>> Joining::pick(std::vector<Stored<Record>> read,
                                                     const std::string& id) {
  for (auto& stored : read) {
    if (stored.record.id == id) return std::move(stored);
  }
  return std::nullopt;
}

runtime::Task<Result<std::optional<Joining::Stored<TokenRecord>>>> Joining::find_token(
    std::string id) {
  CO_TRY(auto found, co_await read(token_key(id), parse_token));
  co_return pick(std::move(found), id);
}

runtime::Task<Result<std::optional<Joining::Stored<Machine>>>> Joining::find_machine(
    std::string id) {
  CO_TRY(auto found, co_await read(machine_key(id), parse_machine));
  co_return pick(std::move(found), id);
}

runtime::Task<Result<std::vector<TokenRecord>>> Joining::tokens() {
  CO_TRY(auto stored_ones, co_await read(std::string(token_prefix), parse_token));
  std::vector<TokenRecord> records;
  for (auto& stored : stored_ones) records.push_back(std::move(stored.record));
  co_return records;
}

runtime::Task<Result<std::vector<Machine>>> Joining::machines() {
  CO_TRY(auto stored_ones, co_await read(std::string(machine_prefix), parse_machine));
  std::vector<Machine> records;
  for (auto& stored : stored_ones) records.push_back(std::move(stored.record));
  co_return records;
}

runtime::Task<Status> Joining::revoke_machine(std::string id, Actor by) {
  CO_TRY(const auto joined, co_await machines());
  std::set<std::string> known;
  for (const auto& machine : joined) known.insert(machine.id);
  for (const auto& zone : control_.state().contents->network.zones) {
    for (const auto& gateway : zone.gateways) known.insert(gateway.id);
  }
  for (const auto& [gateway, record] : control_.gateways().by_id()) known.insert(gateway);
  if (!known.contains(id) && !control_.is_revoked(id)) {
    const std::vector<std::string_view> names(known.begin(), known.end());
    co_return Fault{Code::resource_not_found, Retry::never,
                    fmt::format("There is no machine '{}'.{} 'portolan machine list' shows those "
                                "that joined.",
                                id, world::did_you_mean(id, names))};
  }
  const Status revoked = co_await control_.revoke_machine(std::move(id), std::move(by));
  co_return revoked;
}

runtime::Task<Result<CreatedToken>> Joining::create_token(TokenWish wish, Actor by) {
  for (int tries = 1;; ++tries) {
    auto outcome = co_await create_once(wish, by);
    if (outcome || tries == tries_max || !lost_a_race(outcome.error())) co_return outcome;
  }
}

runtime::Task<Result<CreatedToken>> Joining::create_once(TokenWish wish, Actor by) {
  CO_TRY_DO(check_authority());
  CO_TRY_DO(check_life(wish.life));
  if (wish.planned && !seal::valid_name(wish.zone)) {
    co_return Fault{Code::invalid_parameter, Retry::never,
                    fmt::format("'{}' is no name of a zone.", wish.zone)};
  }
  if (!wish.planned && !zone_known(wish.zone)) {
    std::vector<std::string_view> known;
    for (const auto& zone : control_.state().contents->network.zones) known.push_back(zone.name);
    co_return Fault{
        Code::invalid_parameter, Retry::never,
        fmt::format("There is no zone '{}'.{} For one that is to be opened, say --planned.",
                    wish.zone, world::did_you_mean(wish.zone, known))};
  }
  const auto now = whole_seconds(shard_.wall_now());
  CO_TRY(const auto before, co_await tokens());
  store::Transaction transaction;
  std::size_t waiting = 0;
  for (const auto& token : before) {
    // What cannot be used any more is told of for as long as a token can live.
    const auto forgotten =
        token.expires + Duration::hours(static_cast<std::int64_t>(join_token_hours_max.value));
    if (now >= forgotten) transaction.deletes.push_back(token_key(token.id));
    if (now < token.expires && token.used_by.empty() && !token.revoked) ++waiting;
  }
  if (waiting >= join_tokens_max.count()) {
    co_return Fault{Code::limit_exceeded, Retry::never,
                    fmt::format("{} tokens wait to be used; {} is {}. Revoke some.", waiting,
                                join_tokens_max.name, join_tokens_max.value)};
  }
  CO_TRY(auto fingerprint, seal::tls_fingerprint(authority_->tls.certificate));
  std::array<unsigned char, 6> id{};
  std::array<unsigned char, 32> secret{};
  shard_.fill_secret(id);
  shard_.fill_secret(secret);
  const auto token = seal::make_join_token(id, secret, std::move(fingerprint));
  CreatedToken created;
  created.record = {.id = token.id,
                    .digest = seal::digest_of_secret(token),
                    .zone = std::move(wish.zone),
                    .role = wish.role,
                    .created = now,
                    .expires = now + wish.life,
                    .revoked = false,
                    .planned = wish.planned && !zone_known(wish.zone),
                    .used_by = {},
                    .machine = {}};
  created.text = seal::render_join_token(token);
  put(transaction, token_key(token.id), render_token(created.record), 0);
  auto facts = facts_of(Act::create_token, std::move(by), {{"Token", token.id, "created"}});
  CO_TRY_DO(co_await control_.commit_beside(std::move(transaction), std::move(facts)));
  co_return created;
}

runtime::Task<Result<TokenRecord>> Joining::revoke_token(std::string id, Actor by) {
  for (int tries = 1;; ++tries) {
    auto outcome = co_await revoke_once(id, by);
    if (outcome || tries == tries_max || !lost_a_race(outcome.error())) co_return outcome;
  }
}

runtime::Task<Result<TokenRecord>> Joining::revoke_once(std::string id, Actor by) {
  CO_TRY(auto stored, co_await find_token(id));
  if (!stored) {
    co_return Fault{Code::resource_not_found, Retry::never,
                    fmt::format("There is no token '{}'; 'portolan token list' shows all.", id)};
  }
  if (stored->record.revoked || !stored->record.used_by.empty()) co_return stored->record;
  stored->record.revoked = true;
  store::Transaction transaction;
  put(transaction, token_key(id), render_token(stored->record), stored->revision);
  auto facts = facts_of(Act::revoke_token, std::move(by), {{"Token", id, "revoked"}});
  CO_TRY_DO(co_await control_.commit_beside(std::move(transaction), std::move(facts)));
  co_return stored->record;
}

runtime::Task<Result<Joined>> Joining::join(JoinWish wish, Actor by) {
  for (int tries = 1;; ++tries) {
    auto outcome = co_await join_once(wish, by);
    if (outcome || tries == tries_max || !lost_a_race(outcome.error())) co_return outcome;
  }
}

runtime::Task<Result<Joined>> Joining::join_once(JoinWish wish, Actor by) {
  CO_TRY_DO(check_authority());
  CO_TRY(auto token, co_await find_token(wish.token.id));
  CO_TRY_DO(check_token(token ? &token->record : nullptr, wish.token));
  CO_TRY(const auto key, seal::digest_of_request(wish.request));
  const JoinSight sight{.network = control_.state().numbers.network,
                        .key = key,
                        .zone_known = zone_known(token->record.zone),
                        .fresh_id = fresh_id(token->record),
                        .now = shard_.wall_now()};
  CO_TRY(auto identity, plan_join(token->record, wish, sight));
  CO_TRY_DO(check_not_revoked(identity.id));
  CO_TRY(auto known, co_await find_machine(identity.id));
  const bool taken = !known && serves(identity);
  CO_TRY_DO(check_id(identity, key, known ? &known->record : nullptr, taken));
  CO_TRY(auto joined, sign(wish.request, key, std::move(identity)));
  joined.machine.zone = token->record.zone;
  joined.machine.token = token->record.id;
  token->record.used_by = key;
  token->record.machine = joined.machine.id;
  Stored<Machine> machine{joined.machine, known ? known->revision : 0};
  CO_TRY_DO(co_await keep(std::move(*token), std::move(machine), std::move(by)));
  co_return joined;
}

Result<Joined> Joining::sign(const std::string& request, const std::string& key,
                             seal::Identity identity) const {
  const auto now = shard_.wall_now();
  TRY(const auto authority, seal::read_tls_certificate(authority_->tls.certificate));
  TRY(const auto validity, plan_validity(now, authority.validity.not_after));
  Joined joined;
  TRY(joined.certificate, seal::sign_tls_request(authority_->tls, request, identity, validity));
  TRY(const auto facts, seal::read_tls_certificate(joined.certificate));
  joined.machine = {.id = identity.id,
                    .identity = facts.identity,
                    .zone = {},
                    .key = key,
                    .serial = facts.serial,
                    .token = {},
                    .joined = whole_seconds(now),
                    .ends = facts.validity.not_after};
  joined.identity = std::move(identity);
  return joined;
}

// A token is used by the same commit that lets its machine in.
runtime::Task<Status> Joining::keep(Stored<TokenRecord> token, Stored<Machine> machine, Actor by) {
  if (machine.revision == 0) {
    CO_TRY(const auto all, co_await machines());
    if (all.size() >= machines_max.count()) {
      co_return Fault{Code::limit_exceeded, Retry::never,
                      fmt::format("{} machines have joined; {} is {}.", all.size(),
                                  machines_max.name, machines_max.value)};
    }
  }
  store::Transaction transaction;
  put(transaction, token_key(token.record.id), render_token(token.record), token.revision);
  put(transaction, machine_key(machine.record.id), render_machine(machine.record),
      machine.revision);
  auto facts = facts_of(
      Act::join, std::move(by),
      {{"Token", token.record.id, "used"}, {"Machine", machine.record.identity, "joined"}});
  CO_TRY_DO(co_await control_.commit_beside(std::move(transaction), std::move(facts)));
  co_return Status{};
}

runtime::Task<Result<Joined>> Joining::renew(std::string identity, std::string request, Actor by) {
  for (int tries = 1;; ++tries) {
    auto outcome = co_await renew_once(identity, request, by);
    if (outcome || tries == tries_max || !lost_a_race(outcome.error())) co_return outcome;
  }
}

runtime::Task<Result<Joined>> Joining::renew_once(std::string identity, std::string request,
                                                  Actor by) {
  CO_TRY_DO(check_authority());
  CO_TRY(auto who, seal::parse_identity(identity));
  CO_TRY_DO(check_not_revoked(who.id));
  CO_TRY(const auto key, seal::digest_of_request(request));
  CO_TRY(const auto known, co_await find_machine(who.id));
  CO_TRY_DO(check_renewal(known ? &known->record : nullptr, identity, key));
  CO_TRY(auto renewed, sign(request, key, std::move(who)));
  renewed.machine.zone = known->record.zone;
  renewed.machine.token = known->record.token;
  renewed.machine.joined = known->record.joined;
  store::Transaction transaction;
  put(transaction, machine_key(renewed.machine.id), render_machine(renewed.machine),
      known->revision);
  auto facts = facts_of(Act::renew, std::move(by), {{"Machine", identity, "renewed"}});
  CO_TRY_DO(co_await control_.commit_beside(std::move(transaction), std::move(facts)));
  co_return renewed;
}

}  // namespace portolan::control
