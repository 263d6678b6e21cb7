#include "control/json_body.h"

#include <fmt/format.h>

#include <algorithm>

#include "world/suggest.h"

namespace portolan::control {
namespace {

Fault invalid(std::string sentence) {
  return Fault{Code::invalid_parameter, Retry::never, std::move(sentence)};
}

}  // namespace

Result<wire::Json> parse_body(const std::string& body,
                              std::initializer_list<std::string_view> known) {
  TRY(auto json, wire::parse_json(body));
  if (!json.as_object()) return invalid("The body must be one JSON object.");
  for (const auto& member : *json.as_object()) {
    if (std::ranges::find(known, member.name) != known.end()) continue;
    return invalid(fmt::format("There is no member '{}'.{}", member.name,
                               world::did_you_mean(member.name, {known.begin(), known.size()})));
  }
  return json;
}

Result<std::string> required_text(const wire::Json& json, std::string_view member) {
  TRY(auto text, optional_text(json, member));
  if (!text || text->empty()) return invalid(fmt::format("'{}' is missing.", member));
  return std::move(*text);
}

Result<std::optional<std::string>> optional_text(const wire::Json& json, std::string_view member) {
  const auto* found = json.find(member);
  if (!found || found->kind() == wire::JsonKind::null) return std::optional<std::string>();
  if (!found->as_string()) return invalid(fmt::format("'{}' must be text.", member));
  return std::optional(*found->as_string());
}

Result<std::vector<std::string>> optional_texts(const wire::Json& json, std::string_view member) {
  std::vector<std::string> texts;
  const auto* found = json.find(member);
  if (!found || found->kind() == wire::JsonKind::null) return texts;
  if (!found->as_array()) return invalid(fmt::format("'{}' must be a list of names.", member));
  for (const auto& each : *found->as_array()) {
    if (!each.as_string()) return invalid(fmt::format("'{}' must be a list of names.", member));
    texts.push_back(*each.as_string());
  }
  return texts;
}

}  // namespace portolan::control
