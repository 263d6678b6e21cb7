#pragma once

#include <string>
#include <string_view>

#include "wire/json_value.h"

namespace portolan::cli {

// What control's admin API answers, for people. A member that is missing shows
// as "-".

// A line for each resource: "region/eu-central-1 created".
std::string render_applied(const wire::Json& answer);
// A table of resources ({"items": [...]} or one document), keys, tokens, machines,
// gateways or Worlds.
std::string render_resources(std::string_view kind, const wire::Json& answer);
// What is drained and denied.
std::string render_restrictions(const wire::Json& answer);
// YAML documents that `apply -f` takes again.
std::string render_yaml(const wire::Json& answer);

}  // namespace portolan::cli
