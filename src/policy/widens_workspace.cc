#include "policy/widens_workspace.h"

#include <algorithm>

namespace portolan::policy {

bool widens_workspace(const model::Workspace& before, const model::Workspace& after) {
  const auto is_new = [&](const std::string& scope) {
    return std::ranges::find(before.scopes, scope) == before.scopes.end();
  };
  return before.labels != after.labels || std::ranges::any_of(after.scopes, is_new);
}

}  // namespace portolan::policy
