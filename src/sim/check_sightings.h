#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "sim/chat_request.h"
#include "sim/fault_plan.h"
#include "sim/network.h"

namespace portolan::sim {

// What is left of a zone at the end.
struct ZoneRecord {
  std::string access_log;
  std::string engine_record;  // every request that its engine read
  std::size_t gateway_kills = 0;
};

// All that can be known of a scenario from outside.
struct Observed {
  Mood mood = Mood::stormy;
  std::uint64_t engine_seed = 0;
  std::string spare_key;
  std::optional<Instant> revoked_at;
  std::vector<Sighting> sightings;
  std::vector<Sighting> after_recovery;
  std::array<ZoneRecord, zone_count> zones;
  std::string trace;
  std::vector<std::string> problems;  // seen on the way
};

// A sentence for each promise that did not hold:
// - a request ends with an answer, an error body or a visible break in time; it
//   is silent only where the network lost the client's own connection;
// - a clean end is a whole answer, with the text that the engines give (P3);
// - no request is executed outside of its scope (P1), nor more than twice;
// - in a calm network, whoever may use zone-b is served or, after the first byte,
//   sees a break (P3), and a revoked key is refused after 5 s;
// - 5 s after the last fault, in a storm when the polls that hang are over too,
//   everybody is served who may be;
// - an answer is one line in its gateway's access log, and no id comes twice.
std::vector<std::string> check_observed(const Observed& observed);

}  // namespace portolan::sim
