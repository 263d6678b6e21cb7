#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "model/hop_facts.h"
#include "model/request_facts.h"
#include "wire/frame_payload.h"

namespace portolan::gateway {

inline constexpr std::string_view hop_path = "/hop/v1/execute";
inline constexpr std::string_view hop_health_path = "/hop/v1/health";

// What an entry tells an executor beside the request's body: everything by
// name, never the client's key. Travels as the head frame of a hop's request.
struct Envelope {
  std::string request_id;
  std::string entry_gateway;
  std::string entry_zone;  // equal to the one in the entry's certificate
  std::string traceparent;
  model::Endpoint endpoint = model::Endpoint::chat_completions;
  model::HopFacts facts;
  wire::HeldVersions held;         // what the entry decided by
  std::uint32_t attempt = 1;
  std::uint32_t executions_left = 1;
  bool receipt = false;  // is to be signed, over the content too
  Duration time_left;
  WallTime sent_at;                // clocks further apart than clock_skew_max are refused
};

std::string render_envelope(const Envelope& envelope);
// Errors: malformed_peer, unsupported_version (another major).
Result<Envelope> parse_envelope(std::string_view text);

}  // namespace portolan::gateway
