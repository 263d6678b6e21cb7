#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "wire/json_value.h"

namespace portolan::cli {

// What GET /admin/v1/parity answers.
struct ParityView {
  struct Share {
    std::string region;
    std::uint64_t wanted = 0;
    std::uint64_t has = 0;
    std::uint64_t overdue = 0;
    double percent = 100;
  };
  struct Gap {
    std::string region;
    std::string model;
    std::string item;  // "the whole model", "feature tools", "context 2048 of 4096"
    std::string missing;
    std::string why;  // a sentence without its end, with the rules
    std::string target;
    std::string by;     // empty: no date
    std::string since;  // a day; empty: not recorded yet
    bool overdue = false;
  };

  std::uint64_t world = 0;
  std::vector<std::string> targets;
  Share whole;
  std::vector<Share> regions;
  std::vector<Gap> gaps;
  std::uint64_t gaps_left_out = 0;

  // No gap is overdue, and no region is below `percent`.
  bool is_met(double percent) const;
};

// Errors: malformed_peer.
Result<ParityView> view_parity(const wire::Json& answer);

// Regions, then gaps: the same reason in several regions is one line.
std::string render_parity(const ParityView& view, std::size_t columns);
// A line a gap.
std::string render_parity_csv(const ParityView& view);

// What GET /admin/v1/parity/history answers: a line a day. Errors: malformed_peer.
Result<std::string> render_parity_history(const wire::Json& answer);

}  // namespace portolan::cli
