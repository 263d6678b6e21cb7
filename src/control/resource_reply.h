#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "control/state.h"
#include "wire/json_value.h"

namespace portolan::control {

// The kind that a path names: lower case, singular or plural. Errors:
// path_not_found, with what is near.
Result<world::Kind> kind_of_path(const std::string& segment);

// A resource document with its metadata.resourceVersion; nothing when it is not
// stored.
std::optional<wire::Json> resource_document(const State& state, const ResourceName& name);

// A version and its hash, as worlds and gateways are shown.
wire::Json version_json(const model::Version& version, const std::string& hash);

}  // namespace portolan::control
