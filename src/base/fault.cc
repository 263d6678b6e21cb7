#include "base/fault.h"

#include <array>

#include "base/check.h"

namespace portolan {
namespace {

struct Row {
  Code code;
  CodeFacts facts;
};

constexpr std::string_view send_key =
    "Send a valid key as 'Authorization: Bearer ptl_...' or as 'x-api-key'.";
constexpr std::string_view retry_soon = "Retry after the seconds that Retry-After names.";
constexpr std::string_view mend_request = "Correct the request; the sentence names the place.";
constexpr std::string_view new_key = "Ask the operator for a new key.";
constexpr std::string_view look_at_peer =
    "Look at the process that the sentence names, and at its log.";
constexpr std::string_view name_the_id =
    "Send it again; if it lasts, tell the operator the request id.";

// In the enumeration's order; `complete` holds that against it.
constexpr std::array<Row, code_count> rows = {{
    {Code::missing_key, {"missing_key", 401, "The request carries no key.", send_key}},
    {Code::malformed_key, {"malformed_key", 401, "The key is not one of Portolan's.", send_key}},
    {Code::unknown_key,
     {"unknown_key", 401, "No such key exists in this network.",
      "Check that the key is this network's; a new one is known everywhere within seconds."}},
    {Code::revoked_key, {"revoked_key", 401, "The key was revoked.", new_key}},
    {Code::expired_key,
     {"expired_key", 401, "The key, or what this gateway knows of it, is too old.",
      "Ask the operator for a new key, or where the gateway is to blame use another region."}},
    {Code::admin_key_required,
     {"admin_key_required", 401, "The admin API takes the admin key only.",
      "Send the admin key that was shown at the first start as 'Authorization: Bearer ...'."}},
    {Code::wrong_region,
     {"wrong_region", 403, "The key's scope does not let the request enter in this region.",
      "Use a base URL that the sentence names; if it names none, another key or scope."}},
    {Code::scope_denied,
     {"scope_denied", 403, "Scope, rules and request together allow no zone.",
      "Loosen the request's own narrowing, or ask the operator about the rules it names."}},
    {Code::unknown_scope,
     {"unknown_scope", 403, "The request names a scope that the World does not have.",
      "Name a scope of the network in 'portolan-scope'; 'portolan get scopes' lists them."}},
    {Code::model_not_found,
     {"model_not_found", 404, "This key can run no model of that name.",
      "Name one of the models that models.list shows."}},
    {Code::model_denied,
     {"model_denied", 403, "Rules allow that model in no zone of the scope.",
      "Use another model, or ask the operator about the rules it names."}},
    {Code::malformed_request,
     {"malformed_request", 400, "The bytes are not HTTP/1.1 (RFC 9112).", mend_request}},
    {Code::malformed_json,
     {"malformed_json", 400, "The body is not one JSON object (RFC 8259).", mend_request}},
    {Code::escaped_key,
     {"escaped_key", 400, "A top-level member's name is written with an escape.", mend_request}},
    {Code::repeated_key, {"repeated_key", 400, "A top-level member stands twice.", mend_request}},
    {Code::invalid_parameter,
     {"invalid_parameter", 400, "A header or member has a value it cannot have.", mend_request}},
    {Code::path_not_found,
     {"path_not_found", 404, "Nothing is served at that path.",
      "Check the base URL; it ends in /v1."}},
    {Code::method_not_allowed,
     {"method_not_allowed", 405, "The path does not take that method.",
      "Use a method that the Allow header names."}},
    {Code::request_timeout,
     {"request_timeout", 408, "The request did not arrive in time.",
      "Send it again over a faster connection; 'portolan limits' lists limits."}},
    {Code::body_too_large,
     {"body_too_large", 413, "The body is over the limit.",
      "Send less; 'portolan limits' lists limits."}},
    {Code::head_too_large,
     {"head_too_large", 431, "The request's head is over the limit.",
      "Send fewer or shorter headers; 'portolan limits' lists limits."}},
    {Code::unsupported_encoding,
     {"unsupported_encoding", 415, "The body's encoding is not understood.",
      "Send plain JSON with no Content-Encoding."}},
    {Code::unsupported_version,
     {"unsupported_version", 505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.",
      "Let the client speak HTTP/1.1."}},
    {Code::rate_limited, {"rate_limited", 429, "A limit of the workspace is reached.", retry_soon}},
    {Code::attempts_exhausted,
     {"attempts_exhausted", 502,
      "Every execution that the request may have (executions_max) failed.", name_the_id}},
    {Code::engine_failed,
     {"engine_failed", 502, "The engine was lost while it answered; what came is not whole.",
      name_the_id}},
    {Code::scope_exhausted,
     {"scope_exhausted", 503, "No zone of the scope can serve it now.", retry_soon}},
    {Code::world_skew,
     {"world_skew", 503, "Gateways hold different versions, and the narrower one denied.",
      retry_soon}},
    {Code::no_world,
     {"no_world", 503,
      "This gateway has no World or Keyring yet, or has not heard that its Keyring is current.",
      "Use another region, or retry after the seconds that Retry-After names."}},
    {Code::overloaded, {"overloaded", 503, "This gateway is at a limit of its own.", retry_soon}},
    {Code::draining,
     {"draining", 503, "This gateway's zone takes no new requests now.",
      "Send it again; another zone or region takes it."}},
    {Code::deadline_exceeded,
     {"deadline_exceeded", 504, "The request's time is over.",
      "Retry, or allow more time with 'portolan-timeout-ms'."}},
    {Code::usage_log_full,
     {"usage_log_full", 503,
      "This gateway's disk takes no more usage records, and what is not recorded is not served.",
      "Retry, another zone may serve; the operator makes room on the gateway's disk."}},
    {Code::receipt_not_found,
     {"receipt_not_found", 404, "This key's workspace has no receipt of that id.",
      "Check the id; receipts are kept for 'receipt_days', see 'portolan limits'."}},
    {Code::receipt_unavailable,
     {"receipt_unavailable", 503, "The gateway that keeps the receipt cannot be asked now.",
      retry_soon}},
    {Code::resource_not_found,
     {"resource_not_found", 404, "No such resource exists.",
      "List what there is with 'portolan get'."}},
    {Code::resource_conflict,
     {"resource_conflict", 409, "Somebody changed the resource in between.",
      "Read it again and repeat the change."}},
    {Code::change_guarded,
     {"change_guarded", 409, "The change does what large outages began with; nothing was changed.",
      "Look whether it is meant; then repeat it with '--break-glass REASON'."}},
    {Code::invalid_resource,
     {"invalid_resource", 422, "A resource is not valid.",
      "Correct the place that the sentence names."}},
    {Code::stale_version,
     {"stale_version", 409, "A World, Keyring or restriction is older than the one held.",
      "Publish a newer version; after control's store was restored, raise its epoch."}},
    {Code::bad_signature,
     {"bad_signature", 403, "A signature does not verify against the pinned root.",
      "Check which root, control and network it was made for."}},
    {Code::cancelled,
     {"cancelled", 499, "The client left before its answer.", "Nothing is to be done."}},
    {Code::connection_closed,
     {"connection_closed", 502, "The peer closed the connection.", look_at_peer}},
    {Code::connection_refused, {"connection_refused", 502, "Nothing listens there.", look_at_peer}},
    {Code::connection_reset,
     {"connection_reset", 502, "The peer reset the connection.", look_at_peer}},
    {Code::unreachable, {"unreachable", 502, "There is no way to the peer.", look_at_peer}},
    {Code::timed_out, {"timed_out", 504, "The peer did not answer in time.", look_at_peer}},
    {Code::malformed_peer,
     {"malformed_peer", 502, "The peer sent what it must not send.", look_at_peer}},
    {Code::untrusted_peer,
     {"untrusted_peer", 502, "The peer's certificate is not trusted.",
      "Check the certificates and the pinned root of both ends."}},
    {Code::disk_failed,
     {"disk_failed", 500, "A file cannot be read or written.",
      "Look at the file that the sentence names: its disk and its permissions."}},
    {Code::disk_full,
     {"disk_full", 500, "The disk is full.", "Make room on the disk that the sentence names."}},
    {Code::store_failed,
     {"store_failed", 500, "The store cannot be used.",
      "Do what the sentence says; control's log has more."}},
    {Code::bad_configuration,
     {"bad_configuration", 500, "A flag or file is not valid.",
      "Correct it; '--help' shows examples."}},
    {Code::limit_exceeded,
     {"limit_exceeded", 500, "Something is over a limit.",
      "Ask for less; 'portolan limits' lists limits."}},
}};

constexpr bool complete() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (static_cast<std::size_t>(rows[i].code) != i || rows[i].facts.name.empty()) return false;
  }
  return true;
}
static_assert(complete(), "a Code has no row, or the rows are out of order");

}  // namespace

const CodeFacts& facts_of(Code code) {
  const auto index = static_cast<std::size_t>(code);
  check(index < rows.size(), "a code that is not in the closed set");
  return rows[index].facts;
}

std::optional<Code> code_named(std::string_view name) {
  for (const Row& row : rows) {
    if (row.facts.name == name) return row.code;
  }
  return std::nullopt;
}

std::string_view name_of(Retry retry) {
  switch (retry) {
    case Retry::never:
      return "never";
    case Retry::elsewhere:
      return "elsewhere";
    case Retry::later:
      return "later";
  }
  fail_check("a retry that is not in the closed set", std::source_location::current());
}

}  // namespace portolan
