#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "control/inspect_client.h"
#include "control/parity_report.h"
#include "model/opening.h"
#include "world/poll.h"
#include "world/resource.h"

namespace portolan::control {

// What one look at a place that is to be opened has found. Gates judge nothing else: a fact that
// could not be had is not there, `why` beside it says why, and no gate takes its absence for good.

// One gateway that was asked to look around: each of the place, and one of each zone elsewhere.
struct GatewayLook {
  std::string gateway{};
  std::string zone{};
  bool of_place = false;
  std::string why{};  // it could not be asked
  std::optional<Inspected> found{};
};

// What the ledger has of one probe.
struct ProbeRecord {
  std::string zone{};  // that computed it
  std::string model{};
  std::string state{};  // as in the ledger: completed ...
  std::uint64_t prompt_tokens = 0;
  std::uint64_t completion_tokens = 0;
  friend bool operator==(const ProbeRecord&, const ProbeRecord&) = default;
};

// One request at a front door: of the region (its URL), or of one gateway.
struct FrontDoorProbe {
  std::string door{};     // URL that was asked
  std::string gateway{};  // empty: the region's door
  std::string zone{};     // of the gateway
  std::string model{};
  bool streamed = false;
  std::string why{};          // nothing came back, or half of it
  std::uint64_t status = 0;   // HTTP; 0: nothing came back
  std::string code{};         // of a refusal
  std::string request_id{};   // portolan-request-id
  std::string computed_in{};  // portolan-zone
  bool whole = false;         // the answer was: its JSON, or its stream up to [DONE]
  std::optional<std::uint64_t> prompt_tokens{};  // as its usage says
  std::optional<std::uint64_t> completion_tokens{};
  std::optional<ProbeRecord> record{};
  std::string record_why{};  // there is none
  friend bool operator==(const FrontDoorProbe&, const FrontDoorProbe&) = default;
};

// A request that has to be refused, and how.
struct RefusalProbe {
  std::string what{};  // "data that no rule lets in", "a scope without this place", ...
  std::string wanted_code{};
  FrontDoorProbe probe{};
};

// One zone was drained for a while, and probes went to the doors that were left.
struct LossDrill {
  std::string zone{};
  std::string why{};  // it could not be held
  std::vector<FrontDoorProbe> probes{};
  std::string lifted_why{};  // the zone could not be put back
};

// What a gateway told control in its last poll, and when.
struct GatewayHeard {
  std::string gateway{};
  std::string zone{};
  Duration silent{};  // since then; 0 while a poll of it waits
  world::PollRequest said{};
};

struct OpeningFacts {
  model::Opening opening{};
  std::string network{};
  WallTime now{};
  // The resources as they are stored, and the number and hash of what gateways are to hold.
  std::shared_ptr<const world::Contents> contents{};
  Numbers numbers{};
  model::Restrictions restrictions{};
  // The zones that are opened, and their region, in `contents`.
  std::string region{};
  std::vector<std::string> zones{};

  std::vector<GatewayLook> looks{};
  std::vector<GatewayHeard> heard{};     // of the place and of its neighbours' zones
  std::optional<ParityReport> parity{};  // of the region
  std::string parity_why{};
  std::vector<FrontDoorProbe> probes{};
  std::string probes_why{};  // none could be sent
  std::vector<RefusalProbe> refusals{};
  std::string refusals_why{};
  std::vector<LossDrill> drills{};        // one for each zone of the place
  std::vector<std::string> neighbours{};  // zones, outside of the place
};

}  // namespace portolan::control
