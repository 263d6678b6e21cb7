#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "control/compare_golden.h"
#include "store/control_store.h"

namespace portolan::control {

inline constexpr Limit golden_interval_ms{"golden_interval_ms", 86'400'000,
                                          "between two runs of the golden prompts"};
inline constexpr Limit golden_spread_ms{"golden_spread_ms", 3'600'000,
                                        "a run begins so much later by chance"};
inline constexpr Limit golden_run_ms_max{
    "golden_run_ms_max", 1'800'000,
    "a run that has not ended then is taken for one whose control died"};

// How the golden prompts stand in a ControlStore, beside State:
//   golden/run          the last run: a statement of kind "golden-run"
//   golden/zone/<zone>  what that zone answered last: a statement of kind "golden-zone"
inline constexpr std::string_view golden_prefix = "golden/";
inline constexpr std::string_view golden_run_key = "golden/run";
inline constexpr std::string_view golden_zone_prefix = "golden/zone/";

struct GoldenRun {
  WallTime began{};
  std::optional<WallTime> ended{};
  std::string by{};  // "daily", or whose request it was
  friend bool operator==(const GoldenRun&, const GoldenRun&) = default;
};

struct GoldenRecord {
  std::optional<GoldenRun> run{};
  std::uint64_t run_revision = 0;
  std::vector<GoldenZone> zones{};  // by name
  std::vector<std::string> keys{};  // of zones, as they stand there
};

std::string render_golden_run(const GoldenRun& run);
// In at most store_value_bytes_max: without the texts where it would be more.
std::string render_golden_zone(const GoldenZone& zone);
// What cannot be read counts as not recorded.
GoldenRecord read_golden(const store::Range& range);

// Whether somebody is at it; a run whose control died is nobody's.
bool is_running(const GoldenRecord& record, WallTime now);
// When the next one is due, but for what chance adds; the first one a day after control `started`.
WallTime golden_due(const GoldenRecord& record, WallTime started);

// The prompts that every zone is asked: short, in several scripts, with and without a system
// message, so that templates, tokenizers and outputs show.
std::vector<world::GoldenPrompt> golden_prompts();

}  // namespace portolan::control
