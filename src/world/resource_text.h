#pragma once

#include <string>
#include <vector>

#include "wire/json_value.h"
#include "world/resource.h"

namespace portolan::world {

// {apiVersion, kind, metadata, spec}, with members that have their default left
// out; what validate() reads back is equal.
wire::Json resource_json(const Resource& resource);

// The same as YAML, one document each, with `---` between them.
std::string render_yaml(const std::vector<Resource>& resources);

}  // namespace portolan::world
