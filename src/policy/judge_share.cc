#include "policy/judge_share.h"

#include <array>
#include <optional>
#include <string_view>

#include "policy/judge_wave.h"
#include "policy/larger_share.h"

namespace portolan::policy {
namespace {

static_assert(opening_watch_ms.value <= opening_quiet_ms.value);
static_assert(wave_engines_ms.value <= opening_quiet_ms.value);

constexpr Duration heard_lately = Duration::seconds(5);

struct Measure {
  std::string_view name;
  std::uint64_t ShareCounts::* count;
  double margin;
};
constexpr std::array<Measure, 3> measures = {{
    {"ended by errors", &ShareCounts::errors, 0.02},
    {"were refused", &ShareCounts::refusals, 0.02},
    {"needed a second place", &ShareCounts::detours, 0.05},
}};

std::string seconds(const Limit& limit) { return std::to_string(limit.value / 1'000) + " s"; }

std::optional<std::string> lost(const ShareGateway& gateway, Duration age) {
  const std::string name = "Gateway " + gateway.id + " in zone " + gateway.zone;
  if (gateway.silent >= wave_reach_ms.milliseconds()) {
    return name + " has not been heard of for " +
           std::to_string(gateway.silent.milliseconds() / 1'000) + " s.";
  }
  if (gateway.engines_down > 0 && age >= wave_engines_ms.milliseconds()) {
    return name + " has " + std::to_string(gateway.engines_down) +
           " engines that do not pass their probes.";
  }
  return std::nullopt;
}

struct Compared {
  Share here;
  Share others;
  Measure measure;

  bool above() const { return value(here) - value(others) > measure.margin; }
  std::string told() const {
    return render(here) + " requests " + std::string(measure.name) + "; " + render(others) +
           " elsewhere.";
  }
};

std::array<Compared, measures.size()> compare(const ShareEvidence& evidence) {
  std::array<Compared, measures.size()> all;
  for (std::size_t i = 0; i < measures.size(); ++i) {
    const auto count = measures[i].count;
    all[i] = {{evidence.here.*count, evidence.here.requests},
              {evidence.others.*count, evidence.others.requests},
              measures[i]};
  }
  return all;
}

std::optional<std::string> find_harm(const ShareEvidence& evidence) {
  for (const auto& gateway : evidence.gateways) {
    if (auto why = lost(gateway, evidence.age)) return why;
  }
  const bool waited = evidence.age >= opening_quiet_ms.milliseconds();
  for (const auto& each : compare(evidence)) {
    const bool larger = larger_share(each.here, each.others, each.measure.margin);
    const bool for_long = waited && each.above() && each.here.of >= share_cases_min;
    if (larger || for_long) return each.told();
  }
  return std::nullopt;
}

}  // namespace

ShareVerdict judge_share(const ShareEvidence& evidence) {
  using Kind = ShareVerdict::Kind;
  const std::string at = "At " + std::to_string(evidence.percent) + " % ";
  if (auto harm = find_harm(evidence)) return {Kind::hold, at + "harm was seen: " + *harm};
  if (evidence.age < opening_watch_ms.milliseconds()) {
    return {Kind::wait, "Every share is watched for " + seconds(opening_watch_ms) + "."};
  }
  for (const auto& gateway : evidence.gateways) {
    if (gateway.silent <= heard_lately) continue;
    return {Kind::wait, "Gateway " + gateway.id + " in zone " + gateway.zone +
                            " has not been heard of lately."};
  }
  const std::string requests = std::to_string(evidence.here.requests) + " requests";
  const bool over = evidence.age >= opening_quiet_ms.milliseconds();
  for (const auto& each : compare(evidence)) {
    if (each.above() && !over) return {Kind::wait, "More is waited for: " + each.told()};
  }
  if (evidence.here.requests >= evidence.requests_wanted) {
    return {Kind::go_on, at + requests + " went as well as elsewhere."};
  }
  if (!over) {
    return {Kind::wait, requests + " of " + std::to_string(evidence.requests_wanted) +
                            " came; it goes on without the rest after " +
                            seconds(opening_quiet_ms) + "."};
  }
  if (evidence.here.requests == 0) {
    return {Kind::go_on,
            at + "nobody came within " + seconds(opening_quiet_ms) + ": nothing is shown by it."};
  }
  return {Kind::go_on, at + "only " + requests + " came within " + seconds(opening_quiet_ms) +
                           "; they went as well as elsewhere."};
}

}  // namespace portolan::policy
