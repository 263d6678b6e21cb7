#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/strong.h"

namespace portolan::wire {

// Tokens of one answer so far.
struct UsageCounts {
  Tokens prompt;
  Tokens completion;
  Tokens cached;           // of `prompt`, those the engine did not compute again
  bool estimated = false;  // counted by us: the engine did not say

  friend bool operator==(const UsageCounts&, const UsageCounts&) = default;
};

// {"prompt_tokens","completion_tokens","cached_tokens","basis": "engine" |
// "estimated"}. Members it does not know are skipped. Fault: malformed_peer.
void render_usage(std::string& out, const UsageCounts& usage);
Result<UsageCounts> parse_usage(std::string_view payload);

// What a gateway was deciding by.
struct HeldVersions {
  std::string world;  // its hash; empty when it has none
  std::uint64_t keyring = 0;
  std::uint64_t restrictions = 0;

  friend bool operator==(const HeldVersions&, const HeldVersions&) = default;
};

// Why an executor did not answer.
struct FaultPayload {
  Fault fault;
  HeldVersions held;

  friend bool operator==(const FaultPayload&, const FaultPayload&) = default;
};

// {"code","retry","message","world","keyring","restrictions"}. A code that only
// a later version knows becomes engine_failed, and an unknown retry `never`:
// what is not understood is not done again.
void render_fault(std::string& out, const FaultPayload& payload);
Result<FaultPayload> parse_fault(std::string_view payload);

}  // namespace portolan::wire
