#include "gateway/envelope.h"

#include <algorithm>
#include <utility>

#include "dialect/engine_kind.h"
#include "wire/json_cursor.h"
#include "wire/json_value.h"

namespace portolan::gateway {
namespace {

using wire::Json;

constexpr std::uint64_t envelope_major = 1;
constexpr std::uint64_t envelope_minor = 1;  // 1: receipt

Json names(const std::vector<std::string>& list) {
  Json array = Json::array();
  for (const std::string& name : list) array.push(name);
  return array;
}

Json facts_json(const model::HopFacts& facts) {
  Json json = Json::object();
  json.set("workspace", facts.workspace);
  json.set("key_id", facts.key_id);
  json.set("workspace_scopes", names(facts.workspace_scopes));
  json.set("key_scopes", names(facts.key_scopes));
  json.set("requested_scopes", names(facts.requested_scopes));
  json.set("only", names(facts.only));
  json.set("ignore", names(facts.ignore));
  json.set("model", facts.model);
  Json labels = Json::object();
  for (const auto& [key, value] : facts.labels) labels.set(key, value);
  json.set("labels", std::move(labels));
  return json;
}

Json held_json(const wire::HeldVersions& held) {
  Json json = Json::object();
  json.set("world", held.world);
  json.set("keyring", held.keyring);
  json.set("restrictions", held.restrictions);
  return json;
}

Result<model::Labels> read_labels(const wire::JsonCursor& json) {
  TRY(const auto members, json.members());
  model::Labels labels;
  for (const auto& [name, value] : members) {
    TRY(const std::string_view text, value.text());
    labels.emplace(name, text);
  }
  return labels;
}

Result<model::HopFacts> read_facts(const wire::JsonCursor& json) {
  model::HopFacts facts;
  TRY(facts.workspace, json.text("workspace"));
  TRY(facts.key_id, json.text("key_id"));
  TRY(facts.workspace_scopes, json.texts("workspace_scopes"));
  TRY(facts.key_scopes, json.texts("key_scopes"));
  TRY(facts.requested_scopes, json.texts("requested_scopes"));
  TRY(facts.only, json.texts("only"));
  TRY(facts.ignore, json.texts("ignore"));
  TRY(facts.model, json.text("model"));
  TRY(const auto labels, json.member("labels"));
  TRY(facts.labels, read_labels(labels));
  return facts;
}

Result<wire::HeldVersions> read_held(const wire::JsonCursor& json) {
  wire::HeldVersions held;
  TRY(held.world, json.text("world"));
  TRY(held.keyring, json.count("keyring"));
  TRY(held.restrictions, json.count("restrictions"));
  return held;
}

Result<Envelope> read_envelope(const wire::JsonCursor& json) {
  Envelope envelope;
  TRY(envelope.request_id, json.text("request_id"));
  TRY(envelope.entry_gateway, json.text("entry_gateway"));
  TRY(envelope.entry_zone, json.text("entry_zone"));
  TRY(envelope.traceparent, json.text("traceparent"));
  TRY(const std::uint64_t attempt, json.count("attempt"));
  TRY(const std::uint64_t executions_left, json.count("executions_left"));
  envelope.attempt = static_cast<std::uint32_t>(std::min<std::uint64_t>(attempt, UINT32_MAX));
  envelope.executions_left =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(executions_left, UINT32_MAX));
  TRY(envelope.receipt, json.boolean_or("receipt", false));
  TRY(envelope.time_left.ns, json.integer("time_left_ns"));
  TRY(envelope.sent_at.ns, json.integer("sent_at_ns"));
  TRY(const auto facts, json.member("facts"));
  TRY(envelope.facts, read_facts(facts));
  TRY(const auto held, json.member("held"));
  TRY(envelope.held, read_held(held));
  TRY(const std::string_view path, json.text("path"));
  const auto endpoint = dialect::endpoint_at(path);
  if (!endpoint) return json.fault("path: an endpoint that is not known here");
  envelope.endpoint = *endpoint;
  return envelope;
}

}  // namespace

std::string render_envelope(const Envelope& envelope) {
  Json json = Json::object();
  json.set("kind", "envelope").set("major", envelope_major).set("minor", envelope_minor);
  json.set("request_id", envelope.request_id);
  json.set("entry_gateway", envelope.entry_gateway);
  json.set("entry_zone", envelope.entry_zone);
  json.set("traceparent", envelope.traceparent);
  json.set("path", dialect::path_of(envelope.endpoint));
  json.set("facts", facts_json(envelope.facts));
  json.set("held", held_json(envelope.held));
  json.set("attempt", envelope.attempt);
  json.set("executions_left", envelope.executions_left);
  json.set("receipt", envelope.receipt);
  json.set("time_left_ns", envelope.time_left.ns);
  json.set("sent_at_ns", envelope.sent_at.ns);
  return wire::render_canonical(json);
}

Result<Envelope> parse_envelope(std::string_view text) {
  TRY(const Json json, wire::parse_json(text, Code::malformed_peer));
  const wire::JsonCursor cursor(json, Code::malformed_peer);
  TRY(const std::string_view kind, cursor.text("kind"));
  TRY(const std::uint64_t major, cursor.count("major"));
  if (kind != "envelope" || major != envelope_major) {
    return Fault{Code::unsupported_version, Retry::elsewhere,
                 "the envelope is of a version that is not known here"};
  }
  auto envelope = read_envelope(cursor);
  // Nothing was done: a gateway that speaks this version may take it.
  if (!envelope) return Fault{envelope.error().code, Retry::elsewhere, envelope.error().message};
  return envelope;
}

}  // namespace portolan::gateway
