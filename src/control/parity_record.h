#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "control/parity_report.h"
#include "store/control_store.h"

namespace portolan::control {

inline constexpr Limit parity_days_max{"parity_days_max", 366,
                                       "days of parity that are kept: a year"};
inline constexpr Limit parity_open_gaps_max{"parity_open_gaps_max", 4'000,
                                            "gaps of one region of which the first day is kept"};

// How parity stands in a ControlStore, beside State:
//   parity/day/<date>     each region's percentages on that day, JSON
//   parity/open/<region>  its open gaps and the day each was first seen, JSON
inline constexpr std::string_view parity_prefix = "parity/";
inline constexpr std::string_view parity_day_prefix = "parity/day/";
inline constexpr std::string_view parity_open_prefix = "parity/open/";

// One region on one day, in thousandths.
struct DayShare {
  std::uint64_t last = 0;
  std::uint64_t lowest = 0;
  friend bool operator==(const DayShare&, const DayShare&) = default;
};

// What is recorded; days as "2026-01-31".
struct ParityRecord {
  std::map<std::string, std::map<std::string, DayShare>> days;     // by day, then region
  std::map<std::string, std::map<std::string, std::string>> open;  // by region, then gap_name()
  std::map<std::string, std::uint64_t> revisions;                  // of the keys it stands in
};

// "small feature tools": one gap in its region.
std::string gap_name(const ParityGap& gap);
// The day that a moment lies in, UTC.
std::string day_of(WallTime time);

// What cannot be read counts as not recorded.
ParityRecord read_parity_record(const store::Range& range);

// Makes the record say what was measured today: each region's percentage and its
// lowest of today, gaps that are new or closed, days that are too long ago. What
// has to be written, or a transaction that changes nothing. Regions in `unheard`
// stay as they were recorded last.
store::Transaction record_parity(ParityRecord& record, const ParityReport& report,
                                 const std::string& today,
                                 const std::set<std::string>& unheard = {});

}  // namespace portolan::control
