#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "http/client.h"
#include "runtime/shard.h"
#include "world/inspection.h"

namespace portolan::control {

// Which gateway is asked to look around, and how it is known.
struct InspectedGateway {
  runtime::Address hop{};
  std::string identity{};  // URI of its certificate, seal::render_identity
};

// What a gateway found, and how its clock stands to ours.
struct Inspected {
  world::Inspection said{};
  // Its clock less ours, in the middle of what lies between question and answer (RFC 5905,
  // section 8), and how far off that may be: half the time that was spent on the way.
  Duration clock_ahead{};
  Duration clock_doubt{};
};

// The offset of a clock that said `asked` and `answered` to one that said `sent` before and
// `received` behind.
struct ClockReading {
  WallTime sent{};
  WallTime asked{};
  WallTime answered{};
  WallTime received{};
};
Duration clock_ahead(const ClockReading& reading);
Duration clock_doubt(const ClockReading& reading);

// Has gateways look around, over mutual TLS, each on a connection of its own.
//
// Lives on: control's shard.  Owner: the process's root task.
class InspectClient {
 public:
  InspectClient(runtime::Shard& shard, std::shared_ptr<const runtime::Credentials> own)
      : shard_(shard), own_(std::move(own)) {}

  // The answer is there within request.within and inspect_grace_ms. Errors: what the gateway
  // answers, with its code and sentence; untrusted_peer for another certificate; those of
  // connections; deadline_exceeded; malformed_peer.
  runtime::Task<Result<Inspected>> inspect(InspectedGateway gateway,
                                           world::InspectionRequest request);

 private:
  runtime::Task<Result<Inspected>> ask(http::Pool& pool, world::InspectionRequest request,
                                       Instant deadline);

  runtime::Shard& shard_;
  std::shared_ptr<const runtime::Credentials> own_;
};

inline constexpr Limit inspect_grace_ms{
    "inspect_grace_ms", 10'000, "to connect to a gateway and to hear of what it has found by then"};

}  // namespace portolan::control
