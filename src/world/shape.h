#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "model/keyring.h"
#include "model/opening.h"
#include "model/parity_target.h"
#include "model/resources.h"

// What every resource looks like, said once for all directions: FieldWriter
// (value to JSON), FieldReader (JSON to value) and FieldScanner (an operator's
// document to value, with every problem and its place) are handed to these.
//
// describe_metadata names what stands in a resource document's `metadata`,
// describe what stands in its `spec`. In a World's payload both are one object.
// An optional field that is empty is not written; with a default behind it
// (`_or`), it is not written when it has that, and has it when it is not there.
// `number`, `whole` and `money` are required.
namespace portolan::world {

enum class Need : std::uint8_t { optional, required };

inline constexpr std::array<std::string_view, 2> entry_names = {"in-scope", "anywhere"};
inline constexpr std::array<std::string_view, 2> receipts_names = {"asked", "every"};
inline constexpr std::array<std::string_view, 2> durable_names = {"process", "machine"};

template <class Fields, class Resource>
void describe_metadata(Fields& fields, Resource& resource) {
  fields.text("name", resource.name, Need::required);
}

template <class Fields>
void describe_metadata(Fields& fields, model::Workspace& workspace) {
  fields.text("name", workspace.name, Need::required);
  fields.text("org", workspace.org, Need::required);
}

template <class Fields>
void describe(Fields& fields, model::Region& region) {
  fields.text("city", region.city);
  fields.text("country", region.country, Need::required);
  fields.number("latitude", region.latitude);
  fields.number("longitude", region.longitude);
  fields.texts("groups", region.groups);
  fields.text("url", region.url);
  fields.labels("labels", region.labels);
}

template <class Fields>
void describe(Fields& fields, model::GatewayAddress& gateway) {
  fields.text("id", gateway.id, Need::required);
  fields.text("url", gateway.url, Need::required);
  fields.text("hop", gateway.hop, Need::required);
}

template <class Fields>
void describe(Fields& fields, model::Zone& zone) {
  fields.text("region", zone.region, Need::required);
  fields.labels("labels", zone.labels);
  fields.list("gateways", zone.gateways);
  fields.whole_or("share", zone.share, model::Zone{}.share);
}

template <class Fields>
void describe(Fields& fields, model::EngineAuth& auth) {
  fields.text("secret", auth.secret, Need::required);
  fields.text_or("header", auth.header, model::EngineAuth{}.header);
}

template <class Fields>
void describe(Fields& fields, model::Engine& engine) {
  fields.text("kind", engine.kind, Need::required);
  fields.text("url", engine.url);
  fields.text("served_as", engine.served_as);
  fields.text("path_prefix", engine.path_prefix);
  fields.text("ca", engine.ca);
  fields.maybe("auth", engine.auth);
  fields.labels("headers", engine.headers);
  fields.whole_or("slots", engine.slots, model::Engine{}.slots);
}

template <class Fields>
void describe(Fields& fields, model::Model& model) {
  fields.text("digest", model.digest, Need::required);
  fields.whole("context", model.context);
  fields.texts("features", model.features, Need::required);
  fields.texts("aliases", model.aliases);
  fields.labels("labels", model.labels);
}

template <class Fields>
void describe(Fields& fields, model::Deployment& deployment) {
  fields.text("model", deployment.model, Need::required);
  fields.text("zone", deployment.zone, Need::required);
  fields.list("engines", deployment.engines, Need::required);
}

template <class Fields>
void describe(Fields& fields, model::Scope& scope) {
  fields.texts("include", scope.include, Need::required);
  fields.texts("exclude", scope.exclude);
  fields.choice("entry", scope.entry, entry_names);
}

template <class Fields>
void describe(Fields& fields, model::Destination& places) {
  fields.texts("country", places.country);
  fields.texts("group", places.group);
  fields.texts("region", places.region);
  fields.texts("zone", places.zone);
  fields.labels("labels", places.labels);
}

// The part of a Rule below `deny` or `require`.
struct Statement {
  model::Rule* rule;
};

template <class Fields>
void describe(Fields& fields, Statement& statement) {
  model::Rule& rule = *statement.rule;
  fields.labels("weights", rule.weights);
  fields.labels("data", rule.data);
  fields.object(rule.kind == model::Rule::Kind::deny ? "to" : "in", rule.places, Need::required);
}

template <class Fields>
void describe(Fields& fields, model::Rule& rule) {
  const bool denies = fields.either("deny", "require", rule.kind == model::Rule::Kind::deny);
  rule.kind = denies ? model::Rule::Kind::deny : model::Rule::Kind::require;
  Statement statement{&rule};
  fields.object(denies ? "deny" : "require", statement);
  fields.date_or("from", rule.from, model::Rule{}.from);
  fields.date_or("until", rule.until, model::Rule{}.until);
  fields.text("reason", rule.reason);
  fields.text("source", rule.source);
}

template <class Fields>
void describe(Fields& fields, model::PriceDemand& demand) {
  fields.text("currency", demand.currency, Need::required);
  fields.whole_or("percent_above_cheapest", demand.percent_above_cheapest, model::PriceDemand::any);
}

template <class Fields>
void describe(Fields& fields, model::ParityTarget& target) {
  fields.texts("models", target.models, Need::required);
  fields.texts("regions", target.regions, Need::required);
  fields.texts("except", target.except);
  fields.texts("features", target.features);
  fields.whole_or("context", target.context, 0);
  fields.whole_or("slots", target.slots, 0);
  fields.date_or("by", target.by, model::ParityTarget{}.by);
  fields.maybe("prices", target.prices);
}

template <class Fields>
void describe(Fields& fields, model::PriceItem& item) {
  fields.text("model", item.model, Need::required);
  fields.money("input_per_million", item.input_per_million);
  fields.money("output_per_million", item.output_per_million);
  fields.texts("regions", item.regions);
}

template <class Fields>
void describe(Fields& fields, model::PriceBook& book) {
  fields.text("currency", book.currency, Need::required);
  fields.date_or("from", book.from, model::PriceBook{}.from);
  fields.list("items", book.items, Need::required);
}

template <class Fields>
void describe(Fields& fields, model::RoundTripWanted& wanted) {
  fields.text("to", wanted.to, Need::required);
  fields.number("ms", wanted.milliseconds_at_most);
}

template <class Fields>
void describe(Fields& fields, model::SkippedGate& skipped) {
  fields.text("gate", skipped.gate, Need::required);
  fields.text("reason", skipped.reason, Need::required);
}

template <class Fields>
void describe(Fields& fields, model::Opening& opening) {
  fields.text("region", opening.region);
  fields.text("zone", opening.zone);
  fields.labels("data", opening.data);
  fields.texts("neighbours", opening.neighbours);
  fields.list("round_trips", opening.round_trips);
  fields.whole_or("clock_ms", opening.clock_ms, model::Opening{}.clock_ms);
  fields.whole_or("load", opening.load, 0);
  fields.whole_or("requests", opening.requests, model::Opening{}.requests);
  fields.list("skip", opening.skip);
}

template <class Fields>
void describe(Fields&, model::Org&) {}

template <class Fields>
void describe(Fields& fields, model::Limits& limits) {
  fields.whole_or("rpm", limits.rpm, 0);
  fields.whole_or("tpm", limits.tpm, 0);
  fields.whole_or("concurrency", limits.concurrency, 0);
}

template <class Fields>
void describe(Fields& fields, model::Workspace& workspace) {
  fields.texts("scopes", workspace.scopes, Need::required);
  fields.labels("labels", workspace.labels);
  fields.object("limits", workspace.limits);
  fields.duration_or("key_freshness", workspace.key_freshness, model::Workspace{}.key_freshness);
  fields.choice("receipts", workspace.receipts, receipts_names);
  fields.choice("durable", workspace.durable, durable_names);
}

template <class Fields>
void describe_metadata(Fields& fields, model::KeyRecord& key) {
  fields.text("id", key.id, Need::required);
}

template <class Fields>
void describe(Fields& fields, model::KeyRecord& key) {
  fields.text("workspace", key.workspace, Need::required);
  fields.digest("sha256", key.digest);
  fields.texts("scopes", key.scopes);
  fields.date_or("created", key.created, model::KeyRecord{}.created);
  fields.date_or("expires", key.expires, model::KeyRecord{}.expires);
  fields.flag("revoked", key.revoked);
}

}  // namespace portolan::world
