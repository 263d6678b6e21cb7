#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "control/change.h"
#include "control/state.h"
#include "policy/guard_change.h"
#include "world/problem.h"

namespace portolan::control {

struct ApplyRequest {
  std::string source = "stdin";  // as problems call it
  std::string text;              // YAML or JSON documents
  bool dry_run = false;
  // Its World goes to all gateways at once. Only for what takes permission away, as Restrictions
  // do.
  bool at_once = false;
  // An Opening whose place is not there yet may come with it; its place then has to be closed.
  bool opens = true;
};

struct Applied {
  enum class Action : std::uint8_t { created, configured, unchanged };
  struct Resource {
    ResourceName name;
    Action action = Action::unchanged;
    std::uint64_t version = 0;  // 0 in a dry run, for what would be created
  };
  std::vector<Resource> results;         // in the order of the text
  std::vector<world::Problem> problems;  // with any, nothing was changed
};

std::string_view name_of(Applied::Action action);

// What an apply or a deletion asks for, held against what is stored.
struct Decided {
  Applied applied;
  std::optional<Wish> wish;                   // nothing: there is nothing to change
  bool at_once = false;                       // as it was asked for
  std::vector<policy::Objection> objections;  // to what is wished, also in a dry run
};

// Errors: resource_conflict, naming both versions, for a resourceVersion that is
// not the stored one. Slow: called off the shard.
Result<Decided> decide_apply(const State& state, ApplyRequest request, WallTime now);

// Errors: resource_not_found; resource_conflict; invalid_parameter for what can
// never be deleted. A resource that others refer to is a problem for each.
struct RemoveRequest {
  ResourceName name;
  std::optional<std::uint64_t> version;
};
Result<Decided> decide_remove(const State& state, const RemoveRequest& request, WallTime now);

}  // namespace portolan::control
