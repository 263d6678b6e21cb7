#pragma once

namespace portolan::model {

#ifdef PORTOLAN_TEST_SEAMS

// Switches that turn off what stands between a World that is too large and the
// requests at gateways, to show that each holds alone and what both are worth.
// Set once at start by `app`, before any thread; a build that is released does
// not have them.
struct WorldSeams {
  bool skip_rule_limit = false;  // control's: it sends more rules than a gateway reads
  bool fall_by_world = false;    // a gateway's: what it cannot load ends it
};
inline WorldSeams world_seams;

#else

struct WorldSeams {
  bool skip_rule_limit = false;
  bool fall_by_world = false;
};
inline constexpr WorldSeams world_seams;

#endif

}  // namespace portolan::model
