#pragma once

#include <string>

#include "cli/admin_client.h"

namespace portolan::app {

struct FollowedOpening {
  std::string command;  // "region open": in sentences about faults
  cli::AdminAccess access;
  std::string target;  // of the admin API
  bool json = false;   // a line of JSON whenever it has changed
};

// Shows an opening until it is over, or SIGINT or SIGTERM ends the view, not the opening: drawn in
// place on a terminal, elsewhere a line for whatever is new. A control that is away is asked again.
// The exit code: 0 it serves; 3 it was held, stopped, drained or closed; 1 a fault that was
// printed; 130 the view was ended.
int follow_opening(const FollowedOpening& followed);

}  // namespace portolan::app
