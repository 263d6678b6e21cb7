#include "cli/json_fields.h"

namespace portolan::cli {

using wire::Json;

std::string text_of(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  return found != nullptr && found->as_string() != nullptr ? *found->as_string() : "";
}

std::uint64_t whole_of(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  return found != nullptr ? found->as_uint64().value_or(0) : 0;
}

bool is_set(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  return found != nullptr && found->as_bool() != nullptr && *found->as_bool();
}

const Json::Array& list_of(const Json& object, std::string_view name) {
  static const Json::Array none;
  const Json* found = object.find(name);
  return found != nullptr && found->as_array() != nullptr ? *found->as_array() : none;
}

std::string date_of(const Json& object, std::string_view name) {
  std::string date = text_of(object, name);
  if (const auto point = date.find('.'); point != date.npos) date = date.substr(0, point) + "Z";
  return date;
}

std::string names_of(const Json& object, std::string_view name) {
  std::string names;
  for (const Json& each : list_of(object, name)) {
    if (each.as_string() != nullptr) names += (names.empty() ? "" : ", ") + *each.as_string();
  }
  return names;
}

}  // namespace portolan::cli
