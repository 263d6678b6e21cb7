#include "control/audit.h"

#include <algorithm>
#include <unordered_set>

#include "control/state_codec.h"
#include "world/time_text.h"

namespace portolan::control {
namespace {

using Places = std::unordered_set<std::string>;

void add_missing(std::vector<AuditThing>& things, const Places& from, const Places& in,
                 const AuditThing& like) {
  for (const auto& name : from) {
    if (!in.contains(name)) things.push_back({like.kind, name, like.done});
  }
}

wire::Json things_json(const std::vector<AuditThing>& things) {
  auto list = wire::Json::array();
  const auto count = std::min(things.size(), audit_things_max.count());
  for (std::size_t i = 0; i < count; ++i) {
    auto json = wire::Json::object();
    json.set("kind", things[i].kind);
    json.set("name", things[i].name);
    json.set("done", things[i].done);
    list.push(std::move(json));
  }
  return list;
}

wire::Json actor_json(const Actor& by) {
  auto json = wire::Json::object();
  if (by.admin.empty()) {
    json.set("program", "control");
  } else {
    json.set("admin", by.admin);
    json.set("request", by.request);
  }
  return json;
}

}  // namespace

std::string_view name_of(Act act) {
  switch (act) {
    case Act::start:
      return "start";
    case Act::make_admin_key:
      return "make-admin-key";
    case Act::raise_epoch:
      return "raise-epoch";
    case Act::apply:
      return "apply";
    case Act::remove:
      return "delete";
    case Act::create_key:
      return "create-key";
    case Act::revoke_key:
      return "revoke-key";
    case Act::restrict:
      return "restrict";
    case Act::lift:
      return "lift";
    case Act::rotate_zone_key:
      return "rotate-zone-key";
    case Act::create_token:
      return "create-token";
    case Act::revoke_token:
      return "revoke-token";
    case Act::revoke_machine:
      return "revoke-machine";
    case Act::join:
      return "join";
    case Act::renew:
      return "renew";
    case Act::restore:
      return "restore";
    case Act::finish_restore:
      return "finish-restore";
    case Act::advance_rollout:
      return "advance-rollout";
    case Act::finish_rollout:
      return "finish-rollout";
    case Act::pause_rollout:
      return "pause-rollout";
    case Act::resume_rollout:
      return "resume-rollout";
    case Act::roll_back:
      return "roll-back";
    case Act::opening:
      return "opening";
  }
  fail_check("an act that is not in the closed set", std::source_location::current());
}

std::vector<AuditThing> things_of(const State& state, const Wish& wish) {
  std::vector<AuditThing> things;
  for (const auto& resource : wish.put) {
    const ResourceName name{world::kind_of(resource), world::name_of(resource)};
    const bool known = state.resource_versions.contains(name);
    things.push_back(
        {std::string(world::name_of(name.first)), name.second, known ? "configured" : "created"});
  }
  for (const auto& [kind, name] : wish.removed) {
    things.push_back({std::string(world::name_of(kind)), name, "deleted"});
  }
  for (const auto& key : wish.keys) {
    things.push_back({"Key", key.id, key.revoked ? "revoked" : "created"});
  }
  if (!wish.restrictions) return things;
  const auto& before = state.restrictions;
  const auto& after = *wish.restrictions;
  const auto first = static_cast<std::ptrdiff_t>(things.size());
  add_missing(things, after.drained, before.drained, {"Drain", "", "set"});
  add_missing(things, before.drained, after.drained, {"Drain", "", "lifted"});
  add_missing(things, after.denied, before.denied, {"Deny", "", "set"});
  add_missing(things, before.denied, after.denied, {"Deny", "", "lifted"});
  add_missing(things, after.revoked_machines, before.revoked_machines, {"Machine", "", "revoked"});
  std::ranges::sort(things.begin() + first, things.end(), {}, &AuditThing::name);
  return things;
}

AuditThing thing_of(const Rollout& rollout) {
  AuditThing thing{"Rollout", std::to_string(rollout.world), "begun"};
  if (rollout.phase != RolloutPhase::running) {
    thing.done = rollout_phase_names[static_cast<std::size_t>(rollout.phase)];
  } else if (!rollout.steps.empty()) {
    thing.done = "released in";
    for (const auto& zone : rollout.steps.back().zones) thing.done += " " + zone;
  }
  return thing;
}

wire::Json audit_json(const AuditFacts& facts) {
  auto json = wire::Json::object();
  json.set("network", facts.numbers.network);
  json.set("time", world::render_date(facts.time));
  json.set("act", name_of(facts.act));
  json.set("by", actor_json(facts.by));
  json.set("things", things_json(facts.things));
  json.set("things_total", facts.things.size());
  json.set("epoch", facts.numbers.epoch);
  json.set("world", facts.numbers.world);
  json.set("world_hash", facts.numbers.world_hash);
  json.set("keyring", facts.numbers.keyring);
  json.set("restrictions", facts.numbers.restrictions);
  if (!facts.by.reason.empty()) json.set("reason", facts.by.reason);
  return json;
}

AuditEnd add_audit(const State& state, const AuditFacts& facts, store::Transaction& transaction) {
  auto link = seal::link_entry(state.audit.head, audit_json(facts));
  transaction.compares.push_back(
      {.key = std::string(audit_head_key), .mod_revision = state.audit.revision});
  transaction.puts.push_back(
      {.key = audit_key(link.head.number), .value = std::move(link.text), .lease = 0});
  transaction.puts.push_back({.key = std::string(audit_head_key),
                              .value = seal::render_chain_head(link.head),
                              .lease = 0});
  return {.revision = 0, .head = std::move(link.head)};
}

}  // namespace portolan::control
