#pragma once

#include <span>
#include <string>

#include "base/strong.h"
#include "model/world.h"

namespace portolan::dialect {

// The body of GET /v1/models: {"object": "list", "data": [...]}, in the order
// given. `models` are what the key can run (policy::list_models).
std::string render_models(const model::World& world, std::span<const ModelIndex> models);

// The body of GET /v1/models/{name}: {"id", "object": "model", "created",
// "owned_by", "portolan": {"digest", "context", "features", "aliases"}}.
// `created` is 0: a World says of no model when it was made, and what stands here
// must be the same at every gateway.
std::string render_model(const model::World& world, ModelIndex model);

}  // namespace portolan::dialect
