#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/rollout.h"

namespace portolan::control {

std::string render_rollout(const Rollout& rollout);
// Errors: malformed_peer, unsupported_version.
Result<Rollout> read_rollout(std::string_view text);

// A resource as it was before the World that is going out: JSON, or empty where
// there was none.
struct FormerResource {
  ResourceName name;
  std::string json;
};
std::string former_key(const ResourceName& name);
Result<FormerResource> read_former(std::string_view key, std::string value);
// What stood in the contents.
FormerResource former_of(const world::Contents& contents, const ResourceName& name);

// The contents before: these with each of the resources as it was. Errors:
// invalid_resource for what is no resource any more.
Result<std::shared_ptr<const world::Contents>> former_contents(
    const world::Contents& contents, const std::vector<FormerResource>& former);

}  // namespace portolan::control
