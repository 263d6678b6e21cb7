#pragma once

#include <map>
#include <string>

#include "control/gateway_records.h"
#include "model/opening.h"
#include "policy/judge_share.h"
#include "world/resource.h"

namespace portolan::control {

// What one process sees of a share of a place's traffic, from the polls that it hears and what
// other controls tell of theirs. In memory: a process that takes an opening over counts on from
// what is recorded.
//
// Lives on: control's shard.  Owner: the OpeningDriver.
class ShareWatch {
 public:
  // How things stand as one looks.
  struct Moment {
    Instant now;
    WallTime date;
    // Gateways may poll other controls: those that nobody here knows are left to them.
    bool shared = false;
    // They tell of theirs: who is silent here is so everywhere.
    bool told = false;
  };

  // The share of that percentage begins, with what was counted before.
  void begin(std::uint32_t percent, policy::ShareCounts counted, Instant now);
  bool began(std::uint32_t percent) const { return percent_ == percent; }
  void forget() { percent_ = 0; }

  policy::ShareEvidence look(const world::Contents& contents, const model::Opening& opening,
                             const GatewayRecords& gateways, Moment at);

 private:
  // What one gateway told last.
  struct Told {
    std::optional<model::Version> world;
    policy::ShareCounts entered;   // under that World
    policy::ShareCounts computed;  // since its start
  };
  static Told told_by(const world::PollRequest& said);
  void count(const std::string& gateway, const world::PollRequest& said,
             policy::ShareCounts& counts);

  std::uint32_t percent_ = 0;  // 0: nothing is watched
  Instant began_{};
  std::map<std::string, Told> told_;
  policy::ShareCounts here_;
  policy::ShareCounts others_;
};

}  // namespace portolan::control
