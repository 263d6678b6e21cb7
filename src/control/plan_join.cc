#include "control/plan_join.h"

#include <fmt/format.h>

#include <algorithm>

#include "world/time_text.h"

namespace portolan::control {
namespace {

using seal::Identity;

constexpr Duration clock_step = Duration::hours(1);  // certificates are valid that much before now
constexpr const char* new_token = "Make another with 'portolan token create'.";

Fault refuse(Code code, std::string sentence) {
  return Fault{code, Retry::never, std::move(sentence)};
}

Status check_usable(const TokenRecord& token, const JoinSight& sight) {
  if (token.revoked) {
    return refuse(Code::revoked_key,
                  fmt::format("The token '{}' was revoked. {}", token.id, new_token));
  }
  if (sight.now >= token.expires) {
    return refuse(Code::expired_key, fmt::format("The token '{}' ended at {}. {}", token.id,
                                                 world::render_date(token.expires), new_token));
  }
  if (token.used_by.empty() || token.used_by == sight.key) return {};
  return refuse(Code::resource_conflict,
                fmt::format("The token '{}' was used: it let in '{}'. A token lets one machine in. "
                            "If that was not you, look for '{}' in 'portolan token list'. {}",
                            token.id, token.machine, token.machine, new_token));
}

Status check_place(const TokenRecord& token, const JoinWish& wish, const JoinSight& sight) {
  if (!wish.zone.empty() && wish.zone != token.zone) {
    return refuse(Code::invalid_parameter,
                  fmt::format("The token '{}' is for a machine in zone '{}', not '{}'. {}",
                              token.id, token.zone, wish.zone, new_token));
  }
  if (!wish.role.empty() && wish.role != name_of(token.role)) {
    return refuse(Code::invalid_parameter,
                  fmt::format("The token '{}' is for a {}, not a {}. {}", token.id,
                              name_of(token.role), wish.role, new_token));
  }
  if (sight.zone_known || token.planned) return {};
  return refuse(Code::resource_not_found,
                fmt::format("The zone '{}' of the token '{}' is no longer in the World.",
                            token.zone, token.id));
}

}  // namespace

Status check_token(const TokenRecord* stored, const seal::JoinToken& shown) {
  if (stored != nullptr && seal::is_secret_of(shown, stored->digest)) return {};
  return refuse(Code::unknown_key,
                fmt::format("There is no token '{}' in this network. {}", shown.id, new_token));
}

Result<Identity> plan_join(const TokenRecord& token, const JoinWish& wish, const JoinSight& sight) {
  TRY_DO(check_usable(token, sight));
  TRY_DO(check_place(token, wish, sight));
  Identity identity{.network = sight.network, .kind = token.role, .zone = {}, .id = wish.id};
  if (token.role == Identity::Kind::gateway) identity.zone = token.zone;
  if (!token.used_by.empty() && !wish.id.empty() && wish.id != token.machine) {
    return refuse(Code::invalid_parameter,
                  fmt::format("This machine joined as '{}'; it cannot become '{}' by the same "
                              "token. {}",
                              token.machine, wish.id, new_token));
  }
  if (identity.id.empty()) identity.id = token.used_by.empty() ? sight.fresh_id : token.machine;
  if (seal::valid_name(identity.id)) return identity;
  return refuse(Code::invalid_parameter,
                fmt::format("'{}' is no id: lower-case letters, digits, '.' and '-', at most 63.",
                            identity.id));
}

Status check_id(const Identity& identity, const std::string& key, const Machine* known,
                bool serving) {
  if (known != nullptr && known->key == key && known->identity == render_identity(identity)) {
    return {};
  }
  if (known != nullptr) {
    return refuse(
        Code::resource_conflict,
        fmt::format("'{}' has joined already, with another key, as {}. Give another --id.",
                    identity.id, known->identity));
  }
  if (!serving) return {};
  return refuse(Code::resource_conflict,
                fmt::format("A gateway '{}' serves already, and two of one id would mix up their "
                            "usage records. Give another --id.",
                            identity.id));
}

Status check_renewal(const Machine* known, const std::string& identity, const std::string& key) {
  if (known == nullptr) {
    return refuse(Code::resource_not_found,
                  fmt::format("No token let {} in, so its certificate is renewed by whoever made "
                              "it.",
                              identity));
  }
  if (known->identity == identity && known->key == key) return {};
  return refuse(
      Code::resource_conflict,
      fmt::format("{} joined with another key since; join again with a new token.", identity));
}

bool ends_soon(const Machine& machine, WallTime now) {
  const auto life = Duration::hours(static_cast<std::int64_t>(machine_certificate_hours.value));
  return machine.ends - now < life / 4;
}

Result<seal::Validity> plan_validity(WallTime now, WallTime authority_ends) {
  const auto life = Duration::hours(static_cast<std::int64_t>(machine_certificate_hours.value));
  const seal::Validity validity{now - clock_step, std::min(now + life, authority_ends)};
  if (validity.not_after > now) return validity;
  return Fault{Code::bad_configuration, Retry::never,
               fmt::format("The network's certificate authority ended at {}; start control with a "
                           "new one.",
                           world::render_date(authority_ends))};
}

std::string_view name_of(Identity::Kind role) {
  switch (role) {
    case Identity::Kind::gateway:
      return "gateway";
    case Identity::Kind::control:
      return "control";
    case Identity::Kind::meter:
      return "meter";
  }
  fail_check("a role that is not in the closed set", std::source_location::current());
}

Result<Identity::Kind> parse_role(std::string_view text) {
  for (const auto role :
       {Identity::Kind::gateway, Identity::Kind::control, Identity::Kind::meter}) {
    if (text == name_of(role)) return role;
  }
  return refuse(Code::invalid_parameter,
                fmt::format("'{}' is no role: gateway, meter or control.", text));
}

}  // namespace portolan::control
