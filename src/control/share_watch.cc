#include "control/share_watch.h"

#include <algorithm>

#include "control/opening_closing.h"
#include "control/rollout_watch.h"

namespace portolan::control {
namespace {

using policy::ShareCounts;

void add(ShareCounts& counts, const ShareCounts& more) {
  counts.requests += more.requests;
  counts.errors += more.errors;
  counts.refusals += more.refusals;
  counts.detours += more.detours;
}

// What came since; all of it where the gateway has begun to count anew.
ShareCounts since(const ShareCounts& now, const ShareCounts& then) {
  const bool anew = now.requests < then.requests || now.errors < then.errors ||
                    now.refusals < then.refusals || now.detours < then.detours;
  if (anew) return now;
  return {now.requests - then.requests, now.errors - then.errors, now.refusals - then.refusals,
          now.detours - then.detours};
}

// One that is not named any more has left for good.
bool belongs(const model::Zone& zone, const std::string& gateway) {
  const auto& named = zone.gateways;
  return named.empty() ||
         std::ranges::find(named, gateway, &model::GatewayAddress::id) != named.end();
}

}  // namespace

void ShareWatch::begin(std::uint32_t percent, ShareCounts counted, Instant now) {
  percent_ = percent;
  began_ = now;
  told_.clear();
  here_ = counted;
  others_ = {};
}

ShareWatch::Told ShareWatch::told_by(const world::PollRequest& said) {
  Told told;
  if (said.world) told.world = said.world->version;
  if (said.served) {
    const auto& served = said.served->since;
    told.entered = {served.requests, served.errors, served.refusals, served.detours};
  }
  if (said.computed) told.computed = {said.computed->requests, said.computed->errors, 0, 0};
  return told;
}

// What a gateway told first is what was before the share.
void ShareWatch::count(const std::string& gateway, const world::PollRequest& said,
                       ShareCounts& counts) {
  const Told now = told_by(said);
  const auto [known, is_first] = told_.try_emplace(gateway, now);
  if (is_first) return;
  const Told then = std::exchange(known->second, now);
  add(counts, now.world == then.world ? since(now.entered, then.entered) : now.entered);
  add(counts, since(now.computed, then.computed));
}

policy::ShareEvidence ShareWatch::look(const world::Contents& contents,
                                       const model::Opening& opening,
                                       const GatewayRecords& gateways, Moment at) {
  policy::ShareEvidence evidence;
  evidence.percent = percent_;
  evidence.age = at.now - began_;
  evidence.requests_wanted = opening.requests;
  std::map<std::string, model::Zone> zones;
  for (const auto& zone : zones_of(contents.network, opening)) {
    zones[zone.name] = zone;
    for (const auto& address : zone.gateways) {
      const auto known = gateways.by_id().find(address.id);
      if (known != gateways.by_id().end() || at.shared) continue;
      evidence.gateways.push_back(
          {.id = address.id, .zone = zone.name, .silent = evidence.age, .engines_down = 0});
    }
  }
  for (const auto& [id, record] : gateways.by_id()) {
    const auto zone = zones.find(record.said.zone);
    count(id, record.said, zone != zones.end() ? here_ : others_);
    if (zone == zones.end() || !belongs(zone->second, id)) continue;
    const bool near = is_near(record, at.date);
    if (at.shared && !near && (!at.told || record.lost)) continue;
    evidence.gateways.push_back({.id = id,
                                 .zone = record.said.zone,
                                 .silent = near ? Duration() : at.date - record.seen,
                                 .engines_down = engines_down(record.said)});
  }
  evidence.here = here_;
  evidence.others = others_;
  return evidence;
}

}  // namespace portolan::control
