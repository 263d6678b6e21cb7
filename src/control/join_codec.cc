#include "control/join_codec.h"

#include <fmt/format.h>

#include "seal/statement.h"
#include "world/time_text.h"

namespace portolan::control {
namespace {

constexpr std::string_view token_kind = "join-token";
constexpr std::string_view machine_kind = "machine";

Result<WallTime> read_time(const wire::Json& json, std::string_view member) {
  TRY(const auto text, seal::read_text(json, member));
  const auto time = world::parse_date(text);
  if (time) return *time;
  return Fault{Code::malformed_peer, Retry::never, fmt::format("'{}' is no date.", member)};
}

}  // namespace

std::string token_key(std::string_view id) { return fmt::format("{}{}", token_prefix, id); }
std::string machine_key(std::string_view id) { return fmt::format("{}{}", machine_prefix, id); }

std::string render_token(const TokenRecord& token) {
  auto json = seal::make_statement(token_kind);
  json.set("id", token.id);
  json.set("digest", token.digest);
  json.set("zone", token.zone);
  json.set("role", name_of(token.role));
  json.set("created", world::render_date(token.created));
  json.set("expires", world::render_date(token.expires));
  json.set("revoked", token.revoked);
  if (token.planned) json.set("planned", true);
  json.set("used_by", token.used_by);
  json.set("machine", token.machine);
  return wire::render_canonical(json);
}

Result<TokenRecord> parse_token(std::string_view text) {
  TRY(const auto json, wire::parse_json(text, Code::malformed_peer));
  TRY_DO(seal::check_statement(json, token_kind));
  TokenRecord token;
  TRY(token.id, seal::read_text(json, "id"));
  TRY(token.digest, seal::read_text(json, "digest"));
  TRY(token.zone, seal::read_text(json, "zone"));
  TRY(const auto role, seal::read_text(json, "role"));
  TRY(token.role, parse_role(role));
  TRY(token.created, read_time(json, "created"));
  TRY(token.expires, read_time(json, "expires"));
  const auto* revoked = json.find("revoked");
  token.revoked = revoked == nullptr || revoked->as_bool() == nullptr || *revoked->as_bool();
  const auto* planned = json.find("planned");
  token.planned = planned != nullptr && planned->as_bool() != nullptr && *planned->as_bool();
  TRY(token.used_by, seal::read_text(json, "used_by"));
  TRY(token.machine, seal::read_text(json, "machine"));
  return token;
}

std::string render_machine(const Machine& machine) {
  auto json = seal::make_statement(machine_kind);
  json.set("id", machine.id);
  json.set("identity", machine.identity);
  json.set("zone", machine.zone);
  json.set("key", machine.key);
  json.set("serial", machine.serial);
  json.set("token", machine.token);
  json.set("joined", world::render_date(machine.joined));
  json.set("ends", world::render_date(machine.ends));
  return wire::render_canonical(json);
}

Result<Machine> parse_machine(std::string_view text) {
  TRY(const auto json, wire::parse_json(text, Code::malformed_peer));
  TRY_DO(seal::check_statement(json, machine_kind));
  Machine machine;
  TRY(machine.id, seal::read_text(json, "id"));
  TRY(machine.identity, seal::read_text(json, "identity"));
  TRY(machine.zone, seal::read_text(json, "zone"));
  TRY(machine.key, seal::read_text(json, "key"));
  TRY(machine.serial, seal::read_text(json, "serial"));
  TRY(machine.token, seal::read_text(json, "token"));
  TRY(machine.joined, read_time(json, "joined"));
  TRY(machine.ends, read_time(json, "ends"));
  return machine;
}

}  // namespace portolan::control
