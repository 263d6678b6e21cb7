#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace portolan::cli {

// What a gateway said of itself at one moment.
struct GatewaySample {
  bool answers = false;  // to anything at all
  bool ready = false;
  std::string reason{};  // /readyz, in words
  std::uint64_t in_flight = 0;
  std::uint64_t requests = 0;
  std::uint64_t completion_tokens = 0;
  std::uint64_t failovers = 0;
  std::size_t engines = 0;  // that it probes
  std::size_t engines_healthy = 0;
  friend bool operator==(const GatewaySample&, const GatewaySample&) = default;
};

// Reads GET /metrics (Prometheus text) into a sample that answers; what is
// missing is zero, lines that are none of these metrics are passed over.
GatewaySample read_metrics(std::string_view text);

// A zone as the table shows it.
struct ZoneRow {
  std::string zone;
  std::string state;
  bool well = false;  // in the state that it should be in
  std::uint64_t in_flight = 0;
  std::uint64_t requests = 0;
  double tokens_per_second = 0;
  std::uint64_t failovers = 0;
};

// What is known of a zone beside its gateway's words.
struct ZoneFacts {
  std::string zone;
  bool runs = false;           // its gateway's process
  bool serves = false;         // it has engines
  bool region_serves = false;  // a zone of its region has
  bool waits = false;          // for an operator to open it
};
struct SamplePair {
  GatewaySample now;
  GatewaySample before;
  Duration between;
};
ZoneRow make_row(const ZoneFacts& facts, const SamplePair& samples);

// The table as lines of at most `columns` characters, at most `lines` of them:
// when zones are left out, those with trouble or traffic come first, and the
// last line counts them all. `metered`: the meter's process runs; the last line
// says so when it does not.
struct TableSize {
  std::size_t columns = 80;
  std::size_t lines = 24;
};
std::vector<std::string> render_table(std::vector<ZoneRow> rows, bool metered, TableSize size);

// All zones in one line.
std::string render_status(const std::vector<ZoneRow>& rows, bool metered);

}  // namespace portolan::cli
