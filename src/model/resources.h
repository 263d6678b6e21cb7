#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/price_book.h"

namespace portolan::model {

// What an operator writes, as values, one struct a kind (design section 7).
// Names are unique within a kind; references between kinds are by name.

using Labels = std::map<std::string, std::string>;

struct Region {
  std::string name;
  std::string city;
  std::string country;  // ISO 3166-1 alpha-2, upper case
  double latitude = 0;
  double longitude = 0;
  std::vector<std::string> groups;
  std::string url;  // public base URL of the region's front door
  Labels labels;
  friend bool operator==(const Region&, const Region&) = default;
};

// One process that serves requests in a zone.
struct GatewayAddress {
  std::string id;   // unique in the network; names the entry in every request id
  std::string url;  // its own front door
  std::string hop;  // host:port for envelopes from other gateways, mutual TLS
  friend bool operator==(const GatewayAddress&, const GatewayAddress&) = default;
};

struct Zone {
  std::string name;
  std::string region;
  Labels labels;
  std::vector<GatewayAddress> gateways;
  // Of the requests that would go there, in percent, 1 to 100. A preference and no
  // permission: what has nowhere else to go gets there all the same.
  std::uint32_t share = 100;
  friend bool operator==(const Zone&, const Zone&) = default;
};

// Where an engine's credential comes from and where it goes. The value is read
// by the gateway from its own secrets file and appears in no World.
struct EngineAuth {
  std::string secret;                    // its name
  std::string header = "authorization";  // `Bearer ` is put before the value in this one
  friend bool operator==(const EngineAuth&, const EngineAuth&) = default;
};

struct Engine {
  std::string kind;  // llama.cpp | vllm | sglang | openai
  std::string url;
  std::string served_as;    // what the engine calls the model; empty: the model's own name
  std::string path_prefix;  // put before /v1/...
  std::string ca;           // name of a CA bundle; empty: the system's
  std::optional<EngineAuth> auth;
  std::map<std::string, std::string> headers;
  std::uint32_t slots = 4;  // requests it computes at once
  friend bool operator==(const Engine&, const Engine&) = default;
};

struct Model {
  std::string name;
  std::string digest;         // sha256:<hex> of the weights
  std::uint64_t context = 0;  // tokens, per request
  std::vector<std::string> features;
  std::vector<std::string> aliases;
  Labels labels;  // what rules ask of weights: export-class ...
  friend bool operator==(const Model&, const Model&) = default;
};

struct Deployment {
  std::string name;
  std::string model;
  std::string zone;
  std::vector<Engine> engines;
  friend bool operator==(const Deployment&, const Deployment&) = default;
};

// May the front door stand outside the scope?
enum class Entry : std::uint8_t { in_scope, anywhere };

// Members are zone, region or group names, country:XX, or * for all.
struct Scope {
  std::string name;
  std::vector<std::string> include;
  std::vector<std::string> exclude;
  Entry entry = Entry::in_scope;
  friend bool operator==(const Scope&, const Scope&) = default;
};

// A set of places. A place is in it when it is in any list, or has every label.
struct Destination {
  std::vector<std::string> country;
  std::vector<std::string> group;
  std::vector<std::string> region;
  std::vector<std::string> zone;
  Labels labels;  // of region or zone (the zone's wins); a place that lacks one is denied
  friend bool operator==(const Destination&, const Destination&) = default;
};

// A dated statement (closed vocabulary). `deny`: the subject may not be where
// `places` says. `require`: the subject may only be there. The subject is met
// when every label it asks for has that value or is missing: what nobody
// classified is treated as the worst case.
struct Rule {
  enum class Kind : std::uint8_t { deny, require };

  std::string name;
  Kind kind = Kind::deny;
  Labels weights;  // asked of the model
  Labels data;     // asked of the workspace
  Destination places;
  WallTime from{INT64_MIN};   // inclusive
  WallTime until{INT64_MAX};  // exclusive
  std::string reason;
  std::string source;
  friend bool operator==(const Rule&, const Rule&) = default;
};

// Everything that makes a World, sorted by name within each kind.
struct Network {
  std::vector<Region> regions;
  std::vector<Zone> zones;
  std::vector<Model> models;
  std::vector<Deployment> deployments;
  std::vector<Scope> scopes;
  std::vector<Rule> rules;
  std::vector<PriceBook> price_books{};
  friend bool operator==(const Network&, const Network&) = default;
};

struct Org {
  std::string name;
  friend bool operator==(const Org&, const Org&) = default;
};

struct Limits {
  std::uint64_t rpm = 0;  // 0: none
  std::uint64_t tpm = 0;
  std::uint64_t concurrency = 0;
  friend bool operator==(const Limits&, const Limits&) = default;
};

// When a request's receipt carries digests of its content and is signed at once:
// when the request asks for it, or always.
enum class Receipts : std::uint8_t { asked, every };

// What a record of the usage log has outlived before an answer begins: the death
// of the process, or that of the machine.
enum class Durable : std::uint8_t { process, machine };

struct Workspace {
  std::string name;
  std::string org;
  std::vector<std::string> scopes;  // its requests may be processed in the union of them
  Labels labels;                    // what rules ask of data: data-class ...
  Limits limits;
  Receipts receipts = Receipts::asked;
  Durable durable = Durable::process;
  Duration key_freshness = Duration::hours(24);
  friend bool operator==(const Workspace&, const Workspace&) = default;
};

}  // namespace portolan::model
