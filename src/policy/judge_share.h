#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/time.h"

namespace portolan::policy {

inline constexpr Limit opening_watch_ms{"opening_watch_ms", 10'000,
                                        "each share of an opening is watched at least so long"};
inline constexpr Limit opening_quiet_ms{"opening_quiet_ms", 60'000,
                                        "a share that nobody uses goes on after it"};

// How requests went: those that entered at some gateways, and those that these computed for others.
struct ShareCounts {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;    // of them: ended by a fault that no client can mend
  std::uint64_t refusals = 0;  // by a rule, a scope or the catalogue
  std::uint64_t detours = 0;   // tried in more than one place, of those that entered
  friend bool operator==(const ShareCounts&, const ShareCounts&) = default;
};

// A gateway of the place.
struct ShareGateway {
  std::string id;
  std::string zone;
  Duration silent{};               // since it was heard of; 0 while a poll of it waits
  std::uint64_t engines_down = 0;  // that do not pass their probes
};

// What a place that takes a share of its traffic has shown since that share is with every gateway.
struct ShareEvidence {
  std::uint32_t percent = 0;
  Duration age{};
  std::uint64_t requests_wanted = 0;
  std::vector<ShareGateway> gateways{};
  ShareCounts here{};
  ShareCounts others{};  // of the rest of the network, in the same time
};

struct ShareVerdict {
  enum class Kind : std::uint8_t { wait, go_on, hold };
  Kind kind = Kind::wait;
  std::string why;  // a sentence for the operator
};

// Whether a place has shown that it can take more of its traffic.
//
// Harm is a gateway that is silent, engines that do not pass their probes, and a share of errors,
// refusals or detours above that of the rest by five standard deviations and a margin. Where it is
// above and may be chance, more is waited for, and once opening_quiet_ms are over five cases are
// enough. No share waits longer than that for requests, however few come.
ShareVerdict judge_share(const ShareEvidence& evidence);

}  // namespace portolan::policy
