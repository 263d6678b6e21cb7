#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace portolan {

// Everything that can go wrong by somebody else's doing. The enumerator is the
// name users see (`code` in an error body, the metric label). A closed set:
// every switch over it lists all of it.
enum class Code : std::uint8_t {
  // What a client did, or may not do.
  missing_key,
  malformed_key,
  unknown_key,
  revoked_key,
  expired_key,
  admin_key_required,
  wrong_region,
  scope_denied,
  unknown_scope,
  model_not_found,
  model_denied,
  malformed_request,
  malformed_json,
  escaped_key,
  repeated_key,
  invalid_parameter,
  path_not_found,
  method_not_allowed,
  request_timeout,
  body_too_large,
  head_too_large,
  unsupported_encoding,
  unsupported_version,
  rate_limited,
  // What the network or an engine did.
  attempts_exhausted,
  engine_failed,
  scope_exhausted,
  world_skew,
  no_world,
  overloaded,
  draining,
  deadline_exceeded,
  usage_log_full,
  receipt_not_found,
  receipt_unavailable,
  // What an operator asked for.
  resource_not_found,
  resource_conflict,
  change_guarded,
  invalid_resource,
  stale_version,
  bad_signature,
  // What a peer, a disk or a library did; a client sees these only as one of the above.
  cancelled,
  connection_closed,
  connection_refused,
  connection_reset,
  unreachable,
  timed_out,
  malformed_peer,
  untrusted_peer,
  disk_failed,
  disk_full,
  store_failed,
  bad_configuration,
  limit_exceeded,
};

inline constexpr std::size_t code_count = static_cast<std::size_t>(Code::limit_exceeded) + 1;

// Whether the same work may be tried again, decided where the failure is seen,
// because only that place knows whether work was done.
enum class Retry : std::uint8_t { never, elsewhere, later };

// What went wrong, for programs (`code`, `retry`) and for a person (`message`:
// what happened, which rule or limit, what to do).
struct Fault {
  Code code;
  Retry retry = Retry::never;
  std::string message;

  friend bool operator==(const Fault&, const Fault&) = default;
};

// What a Code is to the outside.
struct CodeFacts {
  std::string_view name;     // stable, snake_case
  int http_status;           // status of an answer that carries it
  std::string_view meaning;  // one sentence
  std::string_view remedy;   // what the reader should do
};

const CodeFacts& facts_of(Code code);

// The code of that name, or nothing: names cross processes, numbers never do.
std::optional<Code> code_named(std::string_view name);

inline std::string_view name_of(Code code) { return facts_of(code).name; }

std::string_view name_of(Retry retry);

}  // namespace portolan
