#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "control/opening_gate.h"
#include "store/control_store.h"
#include "wire/json_value.h"

namespace portolan::control {

enum class OpeningPhase : std::uint8_t {
  applying,  // its resources go out to the gateways; closed
  gates,     // what it has to show is being looked at; closed
  sharing,   // it takes a share of its traffic
  serving,   // all of it
  held,      // a gate was red for too long, or a share did harm; closed
  stopped,   // by an operator; closed
  drained,   // by an operator: it takes nothing new
  closed,    // by an operator: drained, and closed by its rule
};
inline constexpr std::array<std::string_view, 8> opening_phase_names = {
    "applying", "gates", "sharing", "serving", "held", "stopped", "drained", "closed"};

enum class GateState : std::uint8_t { waiting, asking, green, red, skipped };
inline constexpr std::array<std::string_view, 5> gate_state_names = {"waiting", "asking", "green",
                                                                     "red", "skipped"};

struct GateRecord {
  model::Gate gate = model::Gate::reach;
  GateState state = GateState::waiting;
  std::uint64_t tries = 0;
  std::optional<WallTime> since{};  // it has been asked without being green
  std::optional<WallTime> asked{};  // last
  std::string reason{};             // it is skipped
  GateVerdict verdict{};
  friend bool operator==(const GateRecord&, const GateRecord&) = default;
};

// A share of its traffic, and how it went.
struct ShareRecord {
  std::uint32_t percent = 0;
  WallTime began{};
  std::optional<WallTime> ended{};
  std::uint64_t requests = 0;  // of clients, that the place computed or that entered there
  std::uint64_t errors = 0;
  std::uint64_t refusals = 0;
  std::string verdict{};  // why the next step came, or it was held
  friend bool operator==(const ShareRecord&, const ShareRecord&) = default;
};

// Where an opening stands, in the store beside the State: opening/<name>.
inline constexpr std::string_view opening_prefix = "opening/";
// Of whatever else is kept of openings, too: the driver's key, and opening-drill/<zone>.
inline constexpr std::string_view any_opening_prefix = "opening";
// Held by a lease by the control that takes openings from step to step.
inline constexpr std::string_view opening_driver_key = "opening-driver";

struct OpeningRecord {
  std::string name{};    // of the Opening
  std::string region{};  // that is opened, or whose zone is
  std::string zone{};    // empty: all of the region
  OpeningPhase phase = OpeningPhase::applying;
  std::string why{};  // it is held, stopped, drained or closed
  std::string by{};   // who began it
  WallTime began{};
  WallTime changed{};
  // The World that its newest share came true by; 0: that has still to be asked for.
  std::uint64_t world = 0;
  // Drained until its rule is with every gateway: what closes it at once.
  bool closing = false;
  std::vector<GateRecord> gates{};  // one for each, in their order
  std::vector<ShareRecord> shares{};
  friend bool operator==(const OpeningRecord&, const OpeningRecord&) = default;
};

// Closed: data may be there only of the probing workspace.
constexpr bool is_closed(OpeningPhase phase) {
  return phase != OpeningPhase::sharing && phase != OpeningPhase::serving &&
         phase != OpeningPhase::drained;
}
// Somebody has to go on with it.
constexpr bool is_under_way(OpeningPhase phase) {
  return phase == OpeningPhase::applying || phase == OpeningPhase::gates ||
         phase == OpeningPhase::sharing;
}

std::string opening_key(std::string_view name);

// Of an opening that begins at its first gate; what its Opening skips is skipped.
std::vector<GateRecord> gates_to_ask(const model::Opening& opening);

// For the admin API, and for the store; the same text. A statement of kind "opening".
wire::Json opening_json(const OpeningRecord& record);
// In at most store_value_bytes_max: of what gates found and saw the first, and how much more it
// was.
std::string render_opening(const OpeningRecord& record);
// Errors: malformed_peer for what is torn; unsupported_version for what a newer program wrote.
Result<OpeningRecord> parse_opening(std::string_view text);

}  // namespace portolan::control
