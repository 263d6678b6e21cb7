#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "control/opening_gate.h"

// What the gates of an opening share: the place as the resources have it, who said what of it,
// and how findings name things.
namespace portolan::control {

inline constexpr Limit opening_silence_ms_max{
    "opening_silence_ms_max", 10'000,
    "since the last poll of a gateway that opens; one that lives has a poll waiting"};
inline constexpr Limit opening_certificate_ms_min{
    "opening_certificate_ms_min", 86'400'000,
    "for which a certificate still has to last when its gateway opens"};

template <class Range, class Value, class Projection = std::identity>
bool is_among(const Range& range, const Value& value, Projection projection = {}) {
  return std::ranges::find(range, value, projection) != std::ranges::end(range);
}

// Points into the facts' contents, and lives no longer than they.
struct GatedPlace {
  struct Gateway {
    const model::Zone* zone;
    const model::GatewayAddress* address;
    std::string subject() const;  // "gateway gw-1 in mexico-a"
  };

  const model::Region* region = nullptr;              // null: the resources have none of that name
  std::vector<const model::Zone*> zones;              // that are opened
  std::vector<const model::Zone*> elsewhere;          // all others
  std::vector<Gateway> gateways;                      // of those that are opened
  std::vector<const model::Deployment*> deployments;  // the same

  bool has_zone(std::string_view name) const;
};
GatedPlace gated_place(const OpeningFacts& facts);
// "region mexico", or "zone mexico-a" where only that one is opened.
std::string place_subject(const OpeningFacts& facts);

// Null: there is none.
const model::Model* model_named(const OpeningFacts& facts, std::string_view name);
const GatewayLook* look_of(const OpeningFacts& facts, std::string_view gateway);
const GatewayHeard* heard_of(const OpeningFacts& facts, std::string_view gateway);

// What that gateway found. Null: it found nothing, and the verdict has a finding that says why.
const Inspected* found_by(const OpeningFacts& facts, const GatedPlace::Gateway& gateway,
                          GateVerdict& verdict);
// Whether there is a gateway; the verdict has a finding where there is none.
bool has_gateways(const OpeningFacts& facts, const GatedPlace& place, GateVerdict& verdict);

// The same once more is not added.
void add_finding(GateVerdict& verdict, std::string subject, std::string sentence);

// "a, b, c and 4 more"
std::string some_of(const std::vector<std::string>& names);
// What somebody else said, to stand within a sentence: without its point.
std::string_view clause(std::string_view said);

// "model small at http://a, streamed"
std::string probe_subject(const FrontDoorProbe& probe);
// What came back instead of an answer with status 200: "nothing came back: ...", "503 overloaded".
// Empty: such an answer came, whole.
std::string failure_of(const FrontDoorProbe& probe);

}  // namespace portolan::control
