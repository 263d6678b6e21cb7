#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "seal/ed25519.h"
#include "wire/json_value.h"

namespace portolan::seal {

// A statement is the JSON object that a signature covers: kind, major, minor and
// what it says. Members of a newer minor version are kept and skipped.
inline constexpr std::uint64_t statement_major = 1;
inline constexpr std::uint64_t statement_minor = 0;

// A statement of that kind with its version, and nothing said yet.
wire::Json make_statement(std::string_view kind);

// Errors: unsupported_version for a major that is not ours; malformed_peer when
// it is no statement of that kind.
Status check_statement(const wire::Json& statement, std::string_view kind);

// A member's value. Errors: malformed_peer, naming the member.
Result<std::string> read_text(const wire::Json& object, std::string_view member);
Result<std::uint64_t> read_whole(const wire::Json& object, std::string_view member);
Result<Signature> read_signature(const wire::Json& object);

// Reads one JSON object whose bytes are its canonical form and no other, so
// that no byte can change without a signature noticing. Errors: malformed_peer.
Result<wire::Json> parse_canonical(std::string_view text);

}  // namespace portolan::seal
