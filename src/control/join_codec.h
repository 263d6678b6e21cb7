#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "control/plan_join.h"

namespace portolan::control {

// How what joins stands in a ControlStore, beside the State:
//   token/<id>    a TokenRecord, a statement of kind "join-token"
//   machine/<id>  a Machine, a statement of kind "machine"
inline constexpr std::string_view token_prefix = "token/";
inline constexpr std::string_view machine_prefix = "machine/";

std::string token_key(std::string_view id);
std::string machine_key(std::string_view id);

// Errors of reading: malformed_peer, unsupported_version.
std::string render_token(const TokenRecord& token);
Result<TokenRecord> parse_token(std::string_view text);
std::string render_machine(const Machine& machine);
Result<Machine> parse_machine(std::string_view text);

}  // namespace portolan::control
