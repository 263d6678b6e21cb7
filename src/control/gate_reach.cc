#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "control/gate_place.h"

namespace portolan::control {
namespace {

const world::PeerReach* reach_to(const world::Inspection& said, std::string_view gateway) {
  const auto found = std::ranges::find(said.peers, gateway, &world::PeerReach::gateway);
  return found == said.peers.end() ? nullptr : &*found;
}

// Why it does not reach that gateway; empty: it does. What can not serve may be reached.
std::string unreached(const world::Inspection& said, std::string_view gateway) {
  const world::PeerReach* reach = reach_to(said, gateway);
  if (reach == nullptr) return "it was not tried";
  if (reach->reached) return {};
  return reach->why.empty() ? "it does not answer" : std::string(clause(reach->why));
}

// Who is not reached, and why the first of them is not.
struct Unreached {
  std::vector<std::string> who{};
  std::string why{};

  void add(std::string name, std::string reason) {
    if (who.empty()) why = std::move(reason);
    who.push_back(std::move(name));
  }
};

class ReachJudge {
 public:
  explicit ReachJudge(const OpeningFacts& facts) : facts_(facts), place_(gated_place(facts)) {}

  GateVerdict judge() {
    judge_doors();
    for (const auto* zone : place_.zones) {
      if (!zone->gateways.empty()) continue;
      add_finding(verdict_, "zone " + zone->name,
                  "It has no gateway. Write one into it, and start it.");
    }
    for (const auto& gateway : place_.gateways) judge_from(gateway);
    for (const auto* zone : place_.elsewhere) judge_back(*zone);
    for (const auto& [gateway, missed] : not_reached_from_) {
      add_finding(
          verdict_, gateway,
          fmt::format("It is not reached from {} ({}). Open its hop address to them, or mend the "
                      "certificate that is named.",
                      some_of(missed.who), missed.why));
    }
    tell();
    return std::move(verdict_);
  }

 private:
  void judge_doors() {
    if (place_.region != nullptr && !place_.region->url.empty()) return;
    const bool any = std::ranges::any_of(
        place_.gateways, [](const auto& gateway) { return !gateway.address->url.empty(); });
    if (any) return;
    add_finding(verdict_, "region " + facts_.region,
                "Neither it nor a gateway of the place has a 'url', so that clients have no front "
                "door there. Write one into the region.");
  }

  // What the gateway itself sees of others.
  void judge_from(const GatedPlace::Gateway& gateway) {
    const Inspected* found = found_by(facts_, gateway, verdict_);
    if (found == nullptr) return;
    const auto& said = found->said;
    if (said.gateway != gateway.address->id || said.zone != gateway.zone->name) {
      add_finding(verdict_, gateway.subject(),
                  fmt::format("Gateway '{}' of zone '{}' answers at its hop address {}. Write each "
                              "gateway's own address, or start the right one there.",
                              said.gateway, said.zone, gateway.address->hop));
    }
    for (const auto& peer : said.peers) {
      if (peer.reached && !peer.why.empty()) not_serving_.insert(peer.gateway);
    }
    Unreached missed;
    for (const auto& other : place_.gateways) {
      if (other.address == gateway.address) continue;
      const auto why = unreached(said, other.address->id);
      if (!why.empty()) missed.add(other.subject(), why);
    }
    for (const auto* zone : place_.elsewhere) miss_zone(said, *zone, missed);
    if (!missed.who.empty()) {
      add_finding(
          verdict_, gateway.subject(),
          fmt::format("It does not reach {} ({}). Open the way to their hop addresses, or mend the "
                      "certificate that is named.",
                      some_of(missed.who), missed.why));
    }
    for (const auto& wanted : facts_.opening.round_trips) judge_distance(gateway, said, wanted);
  }

  static void miss_zone(const world::Inspection& said, const model::Zone& zone, Unreached& missed) {
    std::string first_why;
    for (const auto& other : zone.gateways) {
      const auto why = unreached(said, other.id);
      if (why.empty()) return;
      if (first_why.empty() || reach_to(said, other.id) != nullptr) first_why = why;
    }
    if (!zone.gateways.empty()) missed.add("zone " + zone.name, first_why);
  }

  // To every gateway there that was reached: the way to one may be longer than to another.
  void judge_distance(const GatedPlace::Gateway& gateway, const world::Inspection& said,
                      const model::RoundTripWanted& wanted) {
    std::optional<Duration> longest;
    for (const auto* zone : place_.elsewhere) {
      if (zone->region != wanted.to) continue;
      for (const auto& other : zone->gateways) {
        const auto* reach = reach_to(said, other.id);
        if (reach == nullptr || !reach->round_trip) continue;
        longest = std::max(longest.value_or(*reach->round_trip), *reach->round_trip);
      }
    }
    if (!longest) {
      add_finding(
          verdict_, gateway.subject(),
          fmt::format("No round trip to region {} could be measured, where at most {:.1f} ms "
                      "are wanted. See that the gateways there answer.",
                      wanted.to, wanted.milliseconds_at_most));
      return;
    }
    const double took_ms = longest->seconds() * 1e3;
    auto& [most, wish] = longest_[wanted.to];
    most = std::max(most, took_ms);
    wish = wanted.milliseconds_at_most;
    if (took_ms <= wanted.milliseconds_at_most) return;
    add_finding(
        verdict_, gateway.subject(),
        fmt::format("A round trip to region {} takes {:.1f} ms, where at most {:.1f} ms are "
                    "wanted. Look which way the packets go.",
                    wanted.to, took_ms, wanted.milliseconds_at_most));
  }

  // Of the looks from that zone one that found something, if there is any.
  const GatewayLook* look_from(const model::Zone& zone) const {
    const GatewayLook* from = nullptr;
    for (const auto& look : facts_.looks) {
      if (look.zone != zone.name) continue;
      if (from == nullptr || (!from->found && look.found)) from = &look;
    }
    return from;
  }

  // Of a large network not every zone is asked, but one of each region is.
  bool another_was_asked(const model::Zone& zone) const {
    return std::ranges::any_of(place_.elsewhere, [&](const model::Zone* other) {
      return other->region == zone.region && look_from(*other) != nullptr;
    });
  }

  // What one zone elsewhere sees of the place.
  void judge_back(const model::Zone& zone) {
    if (zone.gateways.empty()) return;
    const GatewayLook* asked = look_from(zone);
    if (asked == nullptr && another_was_asked(zone)) return;
    if (asked == nullptr || !asked->found) {
      const bool told = asked != nullptr && !asked->why.empty();
      add_finding(verdict_, "zone " + zone.name,
                  fmt::format("Whether it reaches the place is not known: {}. See that one of its "
                              "gateways answers control.",
                              told ? clause(asked->why) : "none of its gateways was asked"));
      return;
    }
    ++asked_back_;
    for (const auto& gateway : place_.gateways) {
      const auto why = unreached(asked->found->said, gateway.address->id);
      if (!why.empty()) not_reached_from_[gateway.subject()].add("zone " + zone.name, why);
    }
  }

  void tell() {
    verdict_.evidence.push_back(fmt::format(
        "{} gateways in {} zones tried to reach each other and {} zones elsewhere; from "
        "{} of these they were tried in turn.",
        place_.gateways.size(), place_.zones.size(), place_.elsewhere.size(), asked_back_));
    if (!not_serving_.empty()) {
      verdict_.evidence.push_back(
          fmt::format("{} of those that were reached said that they can not serve: {}.",
                      not_serving_.size(), some_of({not_serving_.begin(), not_serving_.end()})));
    }
    for (const auto& [region, times] : longest_) {
      verdict_.evidence.push_back(fmt::format(
          "The longest round trip to region {} takes {:.1f} ms, where at most {:.1f} ms "
          "are wanted.",
          region, times.first, times.second));
    }
  }

  const OpeningFacts& facts_;
  GatedPlace place_;
  GateVerdict verdict_;
  std::set<std::string> not_serving_;                         // gateways that were reached
  std::size_t asked_back_ = 0;                                // zones elsewhere
  std::map<std::string, Unreached> not_reached_from_;         // by the gateway's subject
  std::map<std::string, std::pair<double, double>> longest_;  // by region: found and wanted, ms
};

}  // namespace

GateVerdict gate_reach(const OpeningFacts& facts) { return ReachJudge(facts).judge(); }

}  // namespace portolan::control
