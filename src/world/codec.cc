#include "world/codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "base/limits.h"
#include "world/field_reader.h"
#include "world/field_writer.h"

namespace portolan::world {
namespace {

constexpr std::uint64_t format_major = 1;
constexpr std::uint64_t format_minor = 0;

// Metadata and spec of a resource in one object.
template <class Fields, class T>
void describe_whole(Fields& fields, T& value) {
  describe_metadata(fields, value);
  describe(fields, value);
}

wire::Json begin_payload(std::string_view kind) {
  auto payload = wire::Json::object();
  payload.set("kind", kind);
  payload.set("major", format_major);
  payload.set("minor", format_minor);
  return payload;
}

template <class T>
void put_list(wire::Json& payload, std::string_view name, const std::vector<T>& values) {
  auto array = wire::Json::array();
  for (T value : values) {  // a copy, because a shape is described on what it may change
    FieldWriter writer;
    describe_whole(writer, value);
    array.push(writer.take());
  }
  payload.set(std::string(name), std::move(array));
}

void put_version(wire::Json& payload, const model::Version& version) {
  payload.set("network", version.network);
  payload.set("epoch", version.epoch);
  payload.set("number", version.number);
}

void put_names(wire::Json& payload, std::string_view name,
               const std::unordered_set<std::string>& names) {
  std::vector<std::string> sorted(names.begin(), names.end());
  std::ranges::sort(sorted);
  auto array = wire::Json::array();
  for (std::string& each : sorted) array.push(std::move(each));
  payload.set(std::string(name), std::move(array));
}

// The payload as JSON, of that kind and of a version that this program reads.
Result<wire::Json> open_payload(std::string_view payload, std::string_view kind,
                                const Limit& bytes_max) {
  if (payload.size() > bytes_max.count()) {
    return Fault{Code::limit_exceeded, Retry::never,
                 fmt::format("The {} has {} bytes; {} is {}.", kind, payload.size(), bytes_max.name,
                             bytes_max.value)};
  }
  TRY(auto json, wire::parse_json(payload, Code::malformed_peer));
  FieldReader reader(json, std::string(kind));
  std::string found;
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  reader.text("kind", found, Need::required);
  reader.whole("major", major);
  reader.whole("minor", minor);
  TRY_DO(reader.status());
  if (found != kind) {
    return Fault{Code::malformed_peer, Retry::never,
                 fmt::format("It is a '{}' where a '{}' is expected.", found, kind)};
  }
  if (major != format_major) {
    return Fault{Code::unsupported_version, Retry::never,
                 fmt::format("The {} has format version {}; this program reads {}.", kind, major,
                             format_major)};
  }
  return json;
}

template <class T>
void read_list(FieldReader& reader, std::string_view name, std::vector<T>& into,
               Need need = Need::required) {
  reader.list_with(name, into, need,
                   [](FieldReader& inner, T& item) { describe_whole(inner, item); });
}

void read_version(FieldReader& reader, model::Version& into) {
  reader.text("network", into.network, Need::required);
  reader.whole("epoch", into.epoch);
  reader.whole("number", into.number);
}

void read_names(FieldReader& reader, std::string_view name, std::unordered_set<std::string>& into,
                Need need = Need::required) {
  std::vector<std::string> names;
  reader.texts(name, names, need);
  into.insert(names.begin(), names.end());
}

}  // namespace

std::string encode_network(const model::Network& network) {
  auto payload = begin_payload("world");
  put_list(payload, "regions", network.regions);
  put_list(payload, "zones", network.zones);
  put_list(payload, "models", network.models);
  put_list(payload, "deployments", network.deployments);
  put_list(payload, "scopes", network.scopes);
  put_list(payload, "rules", network.rules);
  if (!network.price_books.empty()) put_list(payload, "price_books", network.price_books);
  return wire::render_canonical(payload);
}

Result<model::Network> decode_network(std::string_view payload) {
  TRY(const auto json, open_payload(payload, "world", limits::world_bytes_max));
  FieldReader reader(json, "world");
  model::Network network;
  read_list(reader, "regions", network.regions);
  read_list(reader, "zones", network.zones);
  read_list(reader, "models", network.models);
  read_list(reader, "deployments", network.deployments);
  read_list(reader, "scopes", network.scopes);
  read_list(reader, "rules", network.rules);
  read_list(reader, "price_books", network.price_books, Need::optional);
  TRY_DO(reader.status());
  return network;
}

std::string encode_keyring(const model::Keyring::Content& content) {
  auto payload = begin_payload("keyring");
  put_list(payload, "orgs", content.orgs);
  put_list(payload, "workspaces", content.workspaces);
  put_list(payload, "keys", content.keys);
  return wire::render_canonical(payload);
}

Result<model::Keyring::Content> decode_keyring(std::string_view payload) {
  TRY(const auto json, open_payload(payload, "keyring", limits::keyring_bytes_max));
  FieldReader reader(json, "keyring");
  model::Keyring::Content content;
  read_list(reader, "orgs", content.orgs);
  read_list(reader, "workspaces", content.workspaces);
  read_list(reader, "keys", content.keys);
  TRY_DO(reader.status());
  return content;
}

std::string encode_keyring_delta(const model::KeyringDelta& delta) {
  auto payload = begin_payload("keyring-delta");
  put_version(payload, delta.to);
  put_list(payload, "orgs", delta.orgs);
  put_list(payload, "workspaces", delta.workspaces);
  put_list(payload, "keys", delta.keys);
  return wire::render_canonical(payload);
}

Result<model::KeyringDelta> decode_keyring_delta(std::string_view payload) {
  TRY(const auto json, open_payload(payload, "keyring-delta", limits::keyring_bytes_max));
  FieldReader reader(json, "keyring-delta");
  model::KeyringDelta delta;
  read_version(reader, delta.to);
  read_list(reader, "orgs", delta.orgs);
  read_list(reader, "workspaces", delta.workspaces);
  read_list(reader, "keys", delta.keys);
  TRY_DO(reader.status());
  return delta;
}

std::string encode_restrictions(const model::Restrictions& restrictions) {
  auto payload = begin_payload("restrictions");
  put_version(payload, restrictions.version);
  put_names(payload, "revoked_keys", restrictions.revoked_keys);
  put_names(payload, "drained", restrictions.drained);
  put_names(payload, "denied", restrictions.denied);
  if (!restrictions.revoked_machines.empty()) {
    put_names(payload, "revoked_machines", restrictions.revoked_machines);
  }
  return wire::render_canonical(payload);
}

Result<model::Restrictions> decode_restrictions(std::string_view payload) {
  TRY(const auto json, open_payload(payload, "restrictions", limits::world_bytes_max));
  FieldReader reader(json, "restrictions");
  model::Restrictions restrictions;
  read_version(reader, restrictions.version);
  read_names(reader, "revoked_keys", restrictions.revoked_keys);
  read_names(reader, "drained", restrictions.drained);
  read_names(reader, "denied", restrictions.denied);
  read_names(reader, "revoked_machines", restrictions.revoked_machines, Need::optional);
  TRY_DO(reader.status());
  return restrictions;
}

}  // namespace portolan::world
