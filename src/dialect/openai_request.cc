#include "dialect/openai_request.h"

#include <fmt/format.h>

#include <array>
#include <source_location>
#include <utility>

#include "base/check.h"
#include "wire/json_value.h"

namespace portolan::dialect {
namespace {

using wire::Json;
using wire::JsonKind;
using wire::ScannedMember;
using wire::ScannedObject;

// Members of `portolan` that have a meaning already decided, and no reader yet.
constexpr std::array<std::string_view, 3> later_members = {"order", "sort", "max_price"};

Fault invalid(std::string sentence) {
  return {.code = Code::invalid_parameter, .message = std::move(sentence)};
}

// The same, and `param` is to blame.
Fault blame(std::string& param, std::string name, std::string_view what) {
  Fault fault = invalid(fmt::format("'{}' {}", name, what));
  param = std::move(name);
  return fault;
}

// A member that is there and not null.
const ScannedMember* find_set(const ScannedObject& object, std::string_view key) {
  const ScannedMember* member = object.find(key);
  return member == nullptr || member->kind == JsonKind::null ? nullptr : member;
}

// Who wrote a body with more members than anybody looks at is a client.
Status as_client_fault(Status status) {
  if (!status && status.error().code == Code::limit_exceeded) {
    return invalid(std::move(status.error().message));
  }
  return status;
}

// Of a boolean that may be left out. `prefix` is put before the name in faults.
Result<bool> read_flag(std::string_view body, const ScannedObject& object, std::string_view prefix,
                       std::string_view key, std::string& param) {
  const ScannedMember* member = find_set(object, key);
  if (member == nullptr) return false;
  if (member->kind != JsonKind::boolean) {
    return blame(param, fmt::format("{}{}", prefix, key),
                 fmt::format("must be true or false, not {}.", name_of(member->kind)));
  }
  return member->value.of(body) == "true";
}

Result<std::string> read_model(std::string_view body, const ScannedObject& object,
                               std::string& param) {
  const ScannedMember* member = find_set(object, "model");
  if (member == nullptr) return blame(param, "model", "is missing: name the model to run.");
  if (member->kind != JsonKind::string) {
    return blame(param, "model", fmt::format("must be a string, not {}.", name_of(member->kind)));
  }
  std::string name;
  if (const auto plain = member->plain_string(body)) {
    name = *plain;
  } else {
    TRY(const Json decoded, wire::parse_json(member->value.of(body)));
    name = *decoded.as_string();
  }
  if (name.empty()) return blame(param, "model", "is empty: name the model to run.");
  if (name.size() > model_name_bytes_max.count()) {
    return blame(param, "model",
                 fmt::format("is longer than {} bytes ({}).", model_name_bytes_max.value,
                             model_name_bytes_max.name));
  }
  return name;
}

// A string, or a list of them; none of them empty.
Result<std::vector<std::string>> read_places(const Json& value, const std::string& name,
                                             std::string& param) {
  std::vector<std::string> places;
  if (const std::string* text = value.as_string()) places.push_back(*text);
  if (const Json::Array* elements = value.as_array()) {
    for (const Json& element : *elements) {
      const std::string* text = element.as_string();
      if (text == nullptr) return blame(param, name, "must hold strings only.");
      places.push_back(*text);
    }
  }
  if (places.empty()) {
    return blame(param, name,
                 "must be a name of places or a list of such names; leave it out to "
                 "ask for nothing.");
  }
  for (const std::string& place : places) {
    if (place.empty()) return blame(param, name, "holds an empty name.");
  }
  return places;
}

Status read_narrowing_member(const Json::Member& member, model::Narrowing& narrowing,
                             std::string& param) {
  const std::string name = fmt::format("portolan.{}", member.name);
  for (const std::string_view later : later_members) {
    if (member.name == later) {
      return blame(param, name, "is not understood yet by this version; leave it out.");
    }
  }
  if (member.name != "scope" && member.name != "only" && member.name != "ignore") {
    param = "portolan";
    return invalid(
        "'portolan' has a member that is none of scope, only, ignore; check the "
        "spelling.");
  }
  if (member.value.kind() == JsonKind::null) return {};
  if (member.name == "scope") {
    const std::string* scope = member.value.as_string();
    if (scope == nullptr || scope->empty()) return blame(param, name, "must be a scope's name.");
    narrowing.scope = *scope;
    return {};
  }
  TRY(auto places, read_places(member.value, name, param));
  (member.name == "only" ? narrowing.only : narrowing.ignore) = std::move(places);
  return {};
}

Result<model::Narrowing> read_narrowing(std::string_view body, const ScannedObject& object,
                                        std::string& param) {
  model::Narrowing narrowing;
  const ScannedMember* member = find_set(object, "portolan");
  if (member == nullptr) return narrowing;
  if (member->kind != JsonKind::object) {
    return blame(param, "portolan",
                 fmt::format("must be an object, not {}.", name_of(member->kind)));
  }
  if (member->value.size() > narrowing_bytes_max.count()) {
    return blame(param, "portolan",
                 fmt::format("is longer than {} bytes ({}).", narrowing_bytes_max.value,
                             narrowing_bytes_max.name));
  }
  auto parsed = wire::parse_json(member->value.of(body));
  if (!parsed) return blame(param, "portolan", "is not read: a member stands twice in it.");
  for (const Json::Member& inner : *parsed->as_object()) {
    TRY_DO(read_narrowing_member(inner, narrowing, param));
  }
  return narrowing;
}

// What a model is to continue must be there; what it says is the engine's to judge.
Status check_input(model::Endpoint endpoint, const ScannedObject& object, std::string& param) {
  switch (endpoint) {
    case model::Endpoint::chat_completions: {
      const ScannedMember* messages = find_set(object, "messages");
      if (messages == nullptr) return blame(param, "messages", "is missing.");
      if (messages->kind == JsonKind::array) return {};
      return blame(param, "messages",
                   fmt::format("must be an array, not {}.", name_of(messages->kind)));
    }
    case model::Endpoint::completions: {
      const ScannedMember* prompt = find_set(object, "prompt");
      if (prompt == nullptr) return blame(param, "prompt", "is missing.");
      if (prompt->kind == JsonKind::string || prompt->kind == JsonKind::array) return {};
      return blame(param, "prompt",
                   fmt::format("must be a string or an array, not {}.", name_of(prompt->kind)));
    }
  }
  fail_check("an endpoint that is not in the closed set", std::source_location::current());
}

Status read_stream(std::string_view body, ReadRequest& request, std::string& param) {
  TRY(request.facts.stream, read_flag(body, request.body, "", "stream", param));
  const ScannedMember* member = find_set(request.body, "stream_options");
  if (member == nullptr) return {};
  if (member->kind != JsonKind::object) {
    return blame(param, "stream_options",
                 fmt::format("must be an object, not {}.", name_of(member->kind)));
  }
  if (!request.facts.stream) {
    return blame(param, "stream_options", "is allowed only where 'stream' is true.");
  }
  ScannedObject& options = request.stream_options.emplace();
  if (auto status = as_client_fault(wire::scan_object_at(body, member->value, options)); !status) {
    param = "stream_options";
    return status;
  }
  constexpr std::string_view prefix = "stream_options.";
  TRY(request.facts.wants_usage, read_flag(body, options, prefix, "include_usage", param));
  TRY(request.wants_running_usage,
      read_flag(body, options, prefix, "continuous_usage_stats", param));
  return {};
}

}  // namespace

Result<ReadRequest> read_request(model::Endpoint endpoint, std::string_view body,
                                 std::string& param) {
  ReadRequest request;
  TRY_DO(as_client_fault(wire::scan_object(body, request.body)));
  request.facts.endpoint = endpoint;
  TRY(request.facts.model, read_model(body, request.body, param));
  TRY_DO(check_input(endpoint, request.body, param));
  TRY_DO(read_stream(body, request, param));
  TRY(request.facts.narrowing, read_narrowing(body, request.body, param));
  const ScannedMember* timings = request.body.find("timings_per_token");
  request.wants_timings = timings != nullptr && timings->value.of(body) == "true";
  return request;
}

}  // namespace portolan::dialect
