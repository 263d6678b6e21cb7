#include "gateway/envelope.h"

#include <utility>

#include "dialect/engine_kind.h"
#include "wire/json_value.h"

namespace portolan::gateway {
namespace {

using wire::Json;

constexpr int envelope_major = 1;
constexpr int envelope_minor = 0;

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

// Reads required members of one object; the first that is missing or wrong is
// the fault.
class MemberReader {
 public:
  explicit MemberReader(const Json& json) : json_(json) {}

  void read(std::string_view name, std::string& into) {
    const Json* member = json_.find(name);
    const std::string* text = member != nullptr ? member->as_string() : nullptr;
    if (text != nullptr) {
      into = *text;
    } else {
      fail(name);
    }
  }
  template <class Number>
    requires std::is_integral_v<Number>
  void read(std::string_view name, Number& into) {
    const Json* member = json_.find(name);
    const auto number = member != nullptr ? member->as_int64() : std::nullopt;
    if (number && std::in_range<Number>(*number)) {
      into = static_cast<Number>(*number);
    } else {
      fail(name);
    }
  }
  void read(std::string_view name, std::vector<std::string>& into) {
    const Json* member = json_.find(name);
    const Json::Array* array = member != nullptr ? member->as_array() : nullptr;
    if (array == nullptr) return fail(name);
    for (const Json& element : *array) {
      if (element.as_string() == nullptr) return fail(name);
      into.push_back(*element.as_string());
    }
  }
  void read(std::string_view name, model::Labels& into) {
    const Json* member = json_.find(name);
    const Json::Object* object = member != nullptr ? member->as_object() : nullptr;
    if (object == nullptr) return fail(name);
    for (const Json::Member& label : *object) {
      if (label.value.as_string() == nullptr) return fail(name);
      into.emplace(label.name, *label.value.as_string());
    }
  }
  const Json& object(std::string_view name) {
    static const Json none = Json::object();
    const Json* member = json_.find(name);
    if (member != nullptr && member->as_object() != nullptr) return *member;
    fail(name);
    return none;
  }
  Status status() const {
    if (wrong_.empty()) return {};
    return Fault{Code::malformed_peer, Retry::elsewhere,
                 "the envelope's '" + wrong_ + "' is missing or of another type"};
  }

 private:
  void fail(std::string_view name) {
    if (wrong_.empty()) wrong_ = name;
  }

  const Json& json_;
  std::string wrong_;
};

Status read_facts(const Json& json, model::HopFacts& facts) {
  MemberReader reader(json);
  reader.read("workspace", facts.workspace);
  reader.read("key_id", facts.key_id);
  reader.read("workspace_scopes", facts.workspace_scopes);
  reader.read("key_scopes", facts.key_scopes);
  reader.read("requested_scopes", facts.requested_scopes);
  reader.read("only", facts.only);
  reader.read("ignore", facts.ignore);
  reader.read("model", facts.model);
  reader.read("labels", facts.labels);
  return reader.status();
}

Status read_held(const Json& json, wire::HeldVersions& held) {
  MemberReader reader(json);
  reader.read("world", held.world);
  reader.read("keyring", held.keyring);
  reader.read("restrictions", held.restrictions);
  return reader.status();
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
  json.set("time_left_ns", envelope.time_left.ns);
  json.set("sent_at_ns", envelope.sent_at.ns);
  return wire::render_canonical(json);
}

Result<Envelope> parse_envelope(std::string_view text) {
  TRY(const Json json, wire::parse_json(text, Code::malformed_peer));
  MemberReader reader(json);
  Envelope envelope;
  std::string kind;
  std::string path;
  int major = 0;
  reader.read("kind", kind);
  reader.read("major", major);
  reader.read("request_id", envelope.request_id);
  reader.read("entry_gateway", envelope.entry_gateway);
  reader.read("entry_zone", envelope.entry_zone);
  reader.read("traceparent", envelope.traceparent);
  reader.read("path", path);
  reader.read("attempt", envelope.attempt);
  reader.read("executions_left", envelope.executions_left);
  reader.read("time_left_ns", envelope.time_left.ns);
  reader.read("sent_at_ns", envelope.sent_at.ns);
  const Json& facts = reader.object("facts");
  const Json& held = reader.object("held");
  TRY_DO(reader.status());
  TRY_DO(read_facts(facts, envelope.facts));
  TRY_DO(read_held(held, envelope.held));
  const auto endpoint = dialect::endpoint_at(path);
  if (kind != "envelope" || major != envelope_major || !endpoint) {
    return Fault{Code::unsupported_version, Retry::elsewhere,
                 "the envelope is of another version or for an endpoint that is not known here"};
  }
  envelope.endpoint = *endpoint;
  return envelope;
}

}  // namespace portolan::gateway
