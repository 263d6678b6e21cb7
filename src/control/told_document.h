#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "world/poll.h"

namespace portolan::control {

inline constexpr Limit told_part_bytes_max{
    "told_part_bytes_max", 128 * 1024,
    "of what gateways told a control, in one value; beyond it stands in more of them"};
inline constexpr Limit told_reason_bytes_max{
    "told_reason_bytes_max", 2'048, "of a gateway's reason for a refusal, told to other controls"};

// How what gateways told one control stands in a ControlStore for the others, beside State:
//   told/<control>/<part>   held by that control's lease; three digits. The first is there while
//                           the control is, also where no gateway has polled it
// A value is a line of canonical JSON, a statement of kind "told", and behind its line feed the
// words of gateways as world::encode_poll_request, one after another, without what the line says.
inline constexpr std::string_view told_prefix = "told/";
std::string told_key(std::string_view control, std::size_t part);
// Which control a key is of; nothing for a key of another form.
std::optional<std::string> control_of_told(std::string_view key);

// The last word of one gateway.
struct ToldGateway {
  world::PollRequest said;
  bool polls = false;  // it polls, or has just been answered
  Duration silent{};   // else since when, at the moment of writing
};

std::string render_told(const std::string& network, std::vector<ToldGateway> gateways);
// Errors: malformed_peer for what is cut short, of another network or no such document;
// unsupported_version for a newer format.
Result<std::vector<ToldGateway>> read_told(std::string_view network, std::string_view text);

}  // namespace portolan::control
