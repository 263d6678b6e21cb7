#include "policy/judge_wave.h"

#include <algorithm>
#include <array>
#include <optional>

#include "policy/larger_share.h"

namespace portolan::policy {
namespace {

using model::ServedCounts;

// Seen, waited for, judged and told to everybody within the time that is promised.
static_assert(wave_reach_ms.value + wave_quiet_ms.value + 30'000 <= wave_back_ms.value);
static_assert(wave_watch_ms.value <= wave_quiet_ms.value);
static_assert(wave_engines_ms.value <= wave_quiet_ms.value);

constexpr Duration heard_lately = Duration::seconds(5);

// The class that 95 of 100 answers were in or below; nothing for too few.
std::optional<std::size_t> usual_class(const ServedCounts& counts) {
  std::uint64_t all = 0;
  for (const auto count : counts.first_bytes) all += count;
  if (all < share_taken_for_good) return std::nullopt;
  std::uint64_t within = 0;
  for (std::size_t i = 0; i < counts.first_bytes.size(); ++i) {
    within += counts.first_bytes[i];
    if (within * 100 >= all * 95) return i;
  }
  return std::nullopt;
}

Share slower_than(const ServedCounts& counts, std::size_t bound) {
  Share share;
  for (std::size_t i = 0; i < counts.first_bytes.size(); ++i) {
    share.all += counts.first_bytes[i];
    if (i > bound) share.of += counts.first_bytes[i];
  }
  return share;
}

struct Measure {
  std::string_view name;
  std::uint64_t ServedCounts::* count;
  double margin;
};
constexpr std::array<Measure, 3> measures = {{
    {"ended by errors", &ServedCounts::errors, 0.02},
    {"were refused", &ServedCounts::refusals, 0.02},
    {"needed a second place", &ServedCounts::detours, 0.05},
}};
constexpr double slow_margin = 0.1;

std::string told(const WaveCounts& zone, std::string_view what, const Share& now,
                 const Share& then) {
  return "In zone " + zone.zone + " " + render(now) + " requests " + std::string(what) + "; " +
         render(then) + " before.";
}

// Whether it rose here and not elsewhere as well.
bool rose(const Share& now, const Share& then, const Share& others, double margin) {
  if (!larger_share(now, then, margin)) return false;
  return others.all < share_taken_for_good || larger_share(now, others, margin);
}

std::optional<std::string> harm_to_requests(const WaveCounts& zone, const WaveEvidence& evidence) {
  for (const Measure& measure : measures) {
    if (evidence.refusals_meant && measure.count == &ServedCounts::refusals) continue;
    const auto share = [&](const ServedCounts& counts) {
      return Share{counts.*measure.count, counts.requests};
    };
    if (rose(share(zone.after), share(zone.before), share(evidence.others), measure.margin)) {
      auto harm = told(zone, measure.name, share(zone.after), share(zone.before));
      const bool refused = measure.count == &ServedCounts::refusals;
      return refused ? harm + " Where that is meant, apply it with --refusals-meant REASON." : harm;
    }
  }
  const auto usual = usual_class(zone.before);
  if (!usual || *usual + 1 >= model::first_byte_classes) return std::nullopt;
  // Twice what was usual; the class right behind it may be the same speed.
  const std::size_t bound = *usual + 1;
  const auto now = slower_than(zone.after, bound);
  const auto then = slower_than(zone.before, bound);
  if (!rose(now, then, slower_than(evidence.others, bound), slow_margin)) return std::nullopt;
  return told(zone, "had their first byte at least twice as late as usual", now, then);
}

std::optional<std::string> harm_to_gateway(const WaveGateway& gateway,
                                           const WaveEvidence& evidence) {
  const std::string name = "Gateway " + gateway.id + " in zone " + gateway.zone;
  if (!gateway.refusal.empty()) return name + " refuses it: " + gateway.refusal;
  if (gateway.silent >= wave_reach_ms.milliseconds()) {
    return name + " was sent it and has not been heard of for " +
           std::to_string(gateway.silent.milliseconds() / 1'000) + " s.";
  }
  if (!gateway.holds && evidence.step_age >= wave_reach_ms.milliseconds()) {
    return name + " neither took nor refused it within " +
           std::to_string(wave_reach_ms.value / 1'000) + " s.";
  }
  const bool settled = evidence.held_for >= wave_engines_ms.milliseconds() || !gateway.in_step;
  if (gateway.holds && settled && gateway.engines_down > gateway.engines_down_before) {
    return name + " has " + std::to_string(gateway.engines_down) +
           " engines that do not answer their probes; " +
           std::to_string(gateway.engines_down_before) + " before.";
  }
  return std::nullopt;
}

std::optional<std::string> find_harm(const WaveEvidence& evidence) {
  for (const auto& gateway : evidence.gateways) {
    if (auto harm = harm_to_gateway(gateway, evidence)) return harm;
  }
  for (const auto& zone : evidence.zones) {
    if (auto harm = harm_to_requests(zone, evidence)) return harm;
  }
  return std::nullopt;
}

}  // namespace

WaveVerdict judge_wave(const WaveEvidence& evidence) {
  using Kind = WaveVerdict::Kind;
  if (auto harm = find_harm(evidence)) return {Kind::go_back, std::move(*harm)};
  for (const auto& gateway : evidence.gateways) {
    if (gateway.silent <= heard_lately) continue;
    return {Kind::wait, "Gateway " + gateway.id + " in zone " + gateway.zone +
                            " has not been heard of lately."};
  }
  std::size_t gateways = 0;
  std::size_t holding = 0;
  bool engines_lost = false;
  for (const auto& gateway : evidence.gateways) {
    if (!gateway.in_step) continue;
    ++gateways;
    if (gateway.holds) ++holding;
    engines_lost = engines_lost || gateway.engines_down > gateway.engines_down_before;
  }
  if (holding < gateways) {
    return {Kind::wait, render({holding, gateways}) + " gateways of this step hold it."};
  }
  if (evidence.held_for < wave_watch_ms.milliseconds()) {
    return {Kind::wait,
            "Every step is watched for " + std::to_string(wave_watch_ms.value / 1'000) + " s."};
  }
  if (engines_lost) return {Kind::wait, "Engines that the new World names are not healthy yet."};
  std::uint64_t served = 0;
  bool tried = true;
  for (const auto& zone : evidence.zones) {
    if (!zone.in_step) continue;
    served += zone.after.requests;
    tried = tried && zone.after.requests >= wave_requests_min.value;
  }
  const std::string requests = std::to_string(served) + " requests";
  if (tried && gateways > 0) return {Kind::go_on, requests + " were served as well as before."};
  if (evidence.held_for < wave_quiet_ms.milliseconds()) {
    return {Kind::wait, requests + " are too few to judge by; it goes on " +
                            std::to_string(wave_quiet_ms.value / 1'000) +
                            " s after all gateways had it."};
  }
  if (gateways == 0) return {Kind::go_on, "No gateway of this step is connected."};
  return {Kind::go_on, "There was next to no traffic: " + requests + "."};
}

}  // namespace portolan::policy
