#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

namespace portolan::wire {

// The meter's API, over mutual TLS. Control asks: GET usage_query_path (parameters
// as meter/usage_params.h has them), usage_request_path?id= for one request's record,
// usage_gaps_path, usage_conflicts_path.
inline constexpr std::string_view usage_query_path = "/meter/v1/usage";
inline constexpr std::string_view usage_request_path = "/meter/v1/usage/request";
inline constexpr std::string_view usage_gaps_path = "/meter/v1/gaps";
inline constexpr std::string_view usage_conflicts_path = "/meter/v1/conflicts";
// Control tells: PUT, {"machines": [ID, ...]} that were revoked.
inline constexpr std::string_view revoked_machines_path = "/meter/v1/revoked-machines";

// How a gateway's usage log gets to the meter: POST usage_post_path over mutual
// TLS, the body a segment's head with number 0 that names network, gateway and
// epoch, and behind it numbered records of that epoch as they stand in the log,
// ascending; none of them to ask how far the meter is. The answer is a UsageTaken; the records are
// on the meter's disk then.

inline constexpr std::string_view usage_post_path = "/meter/v1/records";
inline constexpr Limit usage_post_bytes_max{"usage_post_bytes_max", 1024 * 1024,
                                            "of records in one post to the meter"};
inline constexpr Limit usage_taken_bytes_max{"usage_taken_bytes_max", 256 * 1024,
                                             "the meter's answer to a post"};

// What the meter has of a gateway's log.
struct UsageTaken {
  struct Missing {
    std::uint64_t epoch = 0;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    friend bool operator==(const Missing&, const Missing&) = default;
  };
  std::uint64_t epoch = 0;       // that was posted
  std::uint64_t through = 0;     // it has every number of that epoch up to here
  std::uint64_t known = 0;       // the highest number that it knows to exist
  std::vector<Missing> missing;  // in all epochs of that gateway; the oldest first
  friend bool operator==(const UsageTaken&, const UsageTaken&) = default;
};

// {"epoch","through","known","missing":[{"epoch","first","last"}]}. Members it
// does not know are skipped. Fault: malformed_peer.
void render_usage_taken(std::string& out, const UsageTaken& taken);
Result<UsageTaken> parse_usage_taken(std::string_view text);

}  // namespace portolan::wire
