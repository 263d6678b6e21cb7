#pragma once

#include <string>
#include <vector>

#include "model/resources.h"

namespace portolan::model {

// What an entry tells an executor about a request's permission: names only,
// because positions and masks are valid in one process alone. The executor looks
// every name up in its own World and Keyring (policy::may_execute).
struct HopFacts {
  std::string workspace;
  std::string key_id;
  std::vector<std::string> workspace_scopes;  // processed in the union of them
  std::vector<std::string> key_scopes;        // and in the union of them; empty: no bound
  std::vector<std::string> requested_scopes;  // and in each: portolan-scope, the body's scope
  Labels labels;                              // the workspace's, as the entry knows them
  std::vector<std::string> only;              // as in Narrowing
  std::vector<std::string> ignore;            // as in Narrowing
  std::string model;                          // as the client named it
  friend bool operator==(const HopFacts&, const HopFacts&) = default;
};

}  // namespace portolan::model
