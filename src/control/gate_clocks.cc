#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "control/gate_place.h"

namespace portolan::control {
namespace {

Duration size_of(Duration offset) { return offset < Duration() ? Duration() - offset : offset; }

std::string sentence_of_offset(const Inspected& found, std::uint64_t most_ms) {
  return fmt::format(
      "Its clock is {:.3f} s {} control's, give or take {:.3f} s, where {} ms are allowed. Have "
      "its "
      "machine follow the network's time servers.",
      size_of(found.clock_ahead).seconds(), found.clock_ahead < Duration() ? "behind" : "ahead of",
      found.clock_doubt.seconds(), most_ms);
}

std::string sentence_of_doubt(const Inspected& found, std::uint64_t most_ms) {
  return fmt::format(
      "How its clock stands can not be told: the way to it and back leaves {:.3f} s of doubt, "
      "where "
      "{} ms are allowed. Look why it answers so late, or write a larger clock_ms.",
      found.clock_doubt.seconds(), most_ms);
}

}  // namespace

GateVerdict gate_clocks(const OpeningFacts& facts) {
  GateVerdict verdict;
  const GatedPlace place = gated_place(facts);
  if (!has_gateways(facts, place, verdict)) return verdict;
  const std::uint64_t most_ms = facts.opening.clock_ms;
  constexpr auto ms_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const Duration most =
      Duration::milliseconds(static_cast<std::int64_t>(std::min(most_ms, ms_max / 1'000'000)));
  Duration furthest{};
  for (const auto& gateway : place.gateways) {
    const Inspected* found = found_by(facts, gateway, verdict);
    if (found == nullptr) continue;
    const Duration off = size_of(found->clock_ahead);
    furthest = std::max(furthest, off);
    if (off - found->clock_doubt > most) {
      add_finding(verdict, gateway.subject(), sentence_of_offset(*found, most_ms));
    } else if (found->clock_doubt > most) {
      add_finding(verdict, gateway.subject(), sentence_of_doubt(*found, most_ms));
    }
  }
  verdict.evidence.push_back(
      fmt::format("{} gateways; the clock that is furthest off control's is so by {:.3f} s, where "
                  "{} ms are allowed.",
                  place.gateways.size(), furthest.seconds(), most_ms));
  return verdict;
}

}  // namespace portolan::control
