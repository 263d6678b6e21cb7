#pragma once

#include <optional>

#include "base/fault.h"
#include "base/limits.h"
#include "base/time.h"
#include "model/version.h"
#include "world/poll.h"

namespace portolan::gateway {

inline constexpr Limit world_tally_window_ms{
    "world_tally_window_ms", 300'000,
    "what a gateway served in one or two of it before a World is held against that World"};

// A request that has ended, as far as it tells about the World it was decided by.
struct EndedRequest {
  model::Version world;
  std::optional<Code> code;  // of the fault that ended it
  std::uint32_t attempts = 0;
  std::optional<Duration> first_byte;
};

// How requests end under the World that this gateway holds, and ended before it
// took that: what control judges a rollout by. And how those ended that were
// computed here for others: what it judges a place by that is being opened.
//
// Lives on: the gateway's shard.  Owner: the Gateway.
class WorldTally {
 public:
  // The World that is held from now on.
  void adopt(const model::Version& world);
  // One by a World before the one held is not counted: it tells of neither.
  void note(const EndedRequest& ended, Instant now);
  // One that was computed here for another gateway; nothing: it went well.
  void note_computed(std::optional<Code> code);
  const world::ComputedSaid& computed() const { return computed_; }
  // Nothing unless that is the World by which is counted.
  std::optional<world::WorldServed> said(const std::optional<world::Seen>& held) const;

 private:
  void turn_window(Instant now);

  model::Version world_;
  model::ServedCounts since_;   // world_ was adopted
  model::ServedCounts before_;  // lately before that
  model::ServedCounts window_;  // since window_began_
  model::ServedCounts last_;    // in the window before
  Instant window_began_{};
  world::ComputedSaid computed_;
};

}  // namespace portolan::gateway
