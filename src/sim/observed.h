#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/atlas.h"
#include "sim/chat_request.h"
#include "sim/clocks.h"
#include "sim/fault_play.h"
#include "sim/marker_watch.h"
#include "sim/usage_read.h"
#include "sim/version_watch.h"
#include "sim/weather.h"

namespace portolan::sim {

// One line of a gateway's access log.
struct LogLine {
  std::string request_id;
  std::string trace_id;
  std::string code;
  std::int64_t status = 0;
  std::uint64_t executions = 0;
  bool first_byte_out = false;
  std::string world;  // its hash
  std::uint64_t keyring = 0;
  std::uint64_t restrictions = 0;
};

// What is left of a zone at the end.
struct ZoneRecord {
  std::vector<LogLine> log;
  std::size_t torn_lines = 0;
  std::string engine_record;  // every request that its engine read
  std::size_t gateway_kills = 0;
  bool disk_was_harmed = false;  // lines of the log may be missing or torn
  bool documents_were_lost = false;  // its newest ones, by a disk put back or harmed
  bool disk_refused = false;     // a write may have left what its writer does not count
};

// All that can be known of a scenario from outside.
struct Observed {
  Atlas atlas;
  Mood mood = Mood::stormy;
  bool by_chance = false;  // connections failed by chance, too
  std::string spare_key;
  std::optional<Instant> revoked_from;  // asked for
  std::optional<Instant> revoked_at;    // answered
  Weather weather;
  Clocks clocks;
  std::vector<Published> published;
  std::vector<Sighting> sightings;
  std::vector<Sighting> after_recovery;
  std::vector<ZoneRecord> zones;
  std::vector<MarkerSeen> markers;
  std::vector<std::string> files_with_markers;  // of gateways and controls
  UsageRead usage;
  VersionWatch versions;
  std::string trace;
  std::vector<std::string> problems;  // seen on the way

  const LogLine* line_of(const Sighting& seen) const;
};

// Puts together what is left when a scenario is over.
void observe_end(Network& network, FaultPlay& play, Observed& observed);

}  // namespace portolan::sim
