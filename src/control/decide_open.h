#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/opening.h"
#include "world/problem.h"
#include "world/resource.h"

namespace portolan::control {

// A file that opens a place.
struct OpenRequest {
  std::string source = "stdin";  // as problems call it
  std::string text;              // YAML or JSON documents, one of them an Opening
  bool dry_run = false;
};

// What a file asks for that opens a place, held against what is stored.
struct DecidedOpen {
  std::vector<world::Problem> problems;  // with any there is nothing else
  model::Opening opening;
  std::string region;  // that is opened, or whose zone is
  // What the file says, to be applied; its place closed by its rule and with a share of 1 percent,
  // or, where it takes a share already, as it stands now.
  std::string text;
};

// Errors: invalid_parameter for a file without an Opening or with two, a place without zones, a
// name that is too long; resource_conflict for a place that serves already. Slow: called off the
// shard. `shares`: the place takes a share already.
Result<DecidedOpen> decide_open(const world::Contents& contents, const OpenRequest& request,
                                bool shares);

}  // namespace portolan::control
