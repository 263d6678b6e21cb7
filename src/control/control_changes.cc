#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "control/control.h"
#include "control/drill_mark.h"
#include "control/guard.h"
#include "control/state_codec.h"
#include "model/credential.h"
#include "policy/restriction_pace.h"
#include "runtime/offload.h"
#include "world/suggest.h"

namespace portolan::control {
namespace {

constexpr int change_tries_max = 5;  // while other controls are faster

Fault invalid(std::string sentence) {
  return Fault{Code::invalid_parameter, Retry::never, std::move(sentence)};
}

template <class T>
std::vector<std::string_view> names_of(const std::vector<T>& resources) {
  std::vector<std::string_view> names;
  for (const auto& resource : resources) names.push_back(resource.name);
  return names;
}

Status check_known(std::string_view what, const std::string& name,
                   const std::vector<std::string_view>& known) {
  if (std::ranges::find(known, name) != known.end()) return {};
  return invalid(
      fmt::format("There is no {} '{}'.{}", what, name, world::did_you_mean(name, known)));
}

CreatedKey make_key(runtime::Shard& shard, model::KeyRecord& record) {
  std::array<unsigned char, 32> secret{};
  std::array<unsigned char, 9> id{};
  shard.fill_secret(secret);
  shard.fill_secret(id);
  auto made = model::make_key(secret, id);
  record.id = made.credential.id;
  record.digest = made.credential.digest;
  return {.id = record.id, .text = std::move(made.text)};
}

}  // namespace

bool Control::lost_a_race(const Fault& fault) const {
  return following_ && fault.code == Code::resource_conflict && fault.retry == Retry::later;
}

runtime::Task<Result<Applied>> Control::apply(ApplyRequest request, Actor by) {
  for (int tries = 1;; ++tries) {
    CO_TRY_DO(co_await begin_change());
    auto outcome = co_await apply_in_turn(request, by);
    end_change();
    if (outcome || tries == change_tries_max || !lost_a_race(outcome.error())) co_return outcome;
  }
}

runtime::Task<Result<Applied>> Control::remove(RemoveRequest request, Actor by) {
  for (int tries = 1;; ++tries) {
    CO_TRY_DO(co_await begin_change());
    auto outcome = co_await remove_in_turn(request, by);
    end_change();
    if (outcome || tries == change_tries_max || !lost_a_race(outcome.error())) co_return outcome;
  }
}

runtime::Task<Result<CreatedKey>> Control::create_key(KeyWish wish, Actor by) {
  for (int tries = 1;; ++tries) {
    CO_TRY_DO(co_await begin_change());
    auto outcome = co_await create_key_in_turn(wish, by);
    end_change();
    if (outcome || tries == change_tries_max || !lost_a_race(outcome.error())) co_return outcome;
  }
}

runtime::Task<Status> Control::revoke_key(std::string id, Actor by) {
  for (int tries = 1;; ++tries) {
    CO_TRY_DO(co_await begin_change());
    auto outcome = co_await revoke_key_in_turn(id, by);
    end_change();
    if (outcome || tries == change_tries_max || !lost_a_race(outcome.error())) co_return outcome;
  }
}

runtime::Task<Status> Control::restrict(RestrictionWish wish, Actor by) {
  for (int tries = 1;; ++tries) {
    CO_TRY_DO(co_await begin_change());
    auto outcome = co_await restrict_in_turn(wish, by);
    end_change();
    if (outcome || tries == change_tries_max || !lost_a_race(outcome.error())) co_return outcome;
  }
}

runtime::Task<Status> Control::revoke_machine(std::string id, Actor by) {
  for (int tries = 1;; ++tries) {
    CO_TRY_DO(co_await begin_change());
    auto outcome = co_await revoke_machine_in_turn(id, by);
    end_change();
    if (outcome || tries == change_tries_max || !lost_a_race(outcome.error())) co_return outcome;
  }
}

runtime::Task<Result<std::uint64_t>> Control::rotate_zone_key(std::string zone, Actor by) {
  for (int tries = 1;; ++tries) {
    CO_TRY_DO(co_await begin_change());
    auto outcome = co_await rotate_zone_key_in_turn(zone, by);
    end_change();
    if (outcome || tries == change_tries_max || !lost_a_race(outcome.error())) co_return outcome;
  }
}

runtime::Task<Status> Control::finish_restore(Actor by) {
  for (int tries = 1;; ++tries) {
    CO_TRY_DO(co_await begin_change());
    auto outcome = co_await finish_restore_in_turn(by);
    end_change();
    if (outcome || tries == change_tries_max || !lost_a_race(outcome.error())) co_return outcome;
  }
}

runtime::Task<Result<Applied>> Control::apply_in_turn(ApplyRequest request, Actor by) {
  auto work = [state = &state_, asked = std::move(request), now = shard_.wall_now()] {
    return decide_apply(*state, asked, now);
  };
  auto offloaded = runtime::offload(shard_, std::move(work));
  CO_TRY(auto decided, co_await offloaded);
  Doing doing{Act::apply, std::move(by), {}};
  auto applied = co_await fulfil_decided(std::move(decided), std::move(doing));
  co_return applied;
}

runtime::Task<Result<Applied>> Control::remove_in_turn(RemoveRequest request, Actor by) {
  auto work = [state = &state_, asked = std::move(request), now = shard_.wall_now()] {
    return decide_remove(*state, asked, now);
  };
  auto offloaded = runtime::offload(shard_, std::move(work));
  CO_TRY(auto decided, co_await offloaded);
  Doing doing{Act::remove, std::move(by), {}};
  auto applied = co_await fulfil_decided(std::move(decided), std::move(doing));
  co_return applied;
}

// Errors: change_guarded where nobody said that it is meant.
Status Control::overrule(std::vector<policy::Objection> objections, Doing& doing) {
  if (!objections.empty() && !doing.by.break_glass) return guarded(objections);
  doing.overruled = std::move(objections);
  return {};
}

runtime::Task<Result<Applied>> Control::fulfil_decided(Decided decided, Doing doing) {
  CO_TRY_DO(overrule(std::move(decided.objections), doing));
  if (decided.wish) {
    if (!decided.at_once) decided.wish->rollout = rollout_to_begin(doing.by);
    CO_TRY_DO(co_await fulfil(std::move(*decided.wish), std::move(doing)));
  }
  for (auto& result : decided.applied.results) {
    const auto found = state_.resource_versions.find(result.name);
    if (found != state_.resource_versions.end()) result.version = found->second;
  }
  co_return std::move(decided.applied);
}

Status Control::check_key_wish(const KeyWish& wish) const {
  TRY_DO(check_known("workspace", wish.workspace, names_of(state_.contents->workspaces)));
  std::set<std::string_view> seen;
  for (const auto& scope : wish.scopes) {
    if (!seen.insert(scope).second)
      return invalid(fmt::format("Scope '{}' is named twice.", scope));
    TRY_DO(check_known("scope", scope, names_of(state_.contents->network.scopes)));
    // Gateways whose turn has not come know only these.
    if (state_.rolling_out()) {
      TRY_DO(check_known("scope", scope, names_of(state_.before->network.scopes)));
    }
  }
  if (wish.expires && *wish.expires <= shard_.wall_now()) {
    return invalid("The key would have expired already; 'expires' is a date to come.");
  }
  return {};
}

runtime::Task<Result<CreatedKey>> Control::create_key_in_turn(KeyWish wish, Actor by) {
  // With fractions of a second a snapshot has larger dates for every key.
  if (wish.expires) wish.expires = WallTime::from_unix_seconds(wish.expires->unix_seconds());
  CO_TRY_DO(check_key_wish(wish));
  model::KeyRecord record;
  record.workspace = std::move(wish.workspace);
  record.scopes = std::move(wish.scopes);
  record.created = WallTime::from_unix_seconds(shard_.wall_now().unix_seconds());
  if (wish.expires) record.expires = *wish.expires;
  auto created = make_key(shard_, record);
  while (state_.keys.contains(record.id)) created = make_key(shard_, record);
  Wish change;
  change.keys.push_back(std::move(record));
  Doing doing{Act::create_key, std::move(by), {}};
  CO_TRY_DO(co_await fulfil(std::move(change), std::move(doing)));
  co_return created;
}

runtime::Task<Status> Control::revoke_key_in_turn(std::string id, Actor by) {
  const auto found = state_.keys.find(id);
  if (found == state_.keys.end()) {
    co_return Fault{Code::resource_not_found, Retry::never,
                    fmt::format("There is no key '{}'. Give its id, the part behind 'ptl_'.", id)};
  }
  if (found->second.revoked) co_return Status{};
  Wish change;
  change.keys.push_back(found->second);
  change.keys.back().revoked = true;
  Doing doing{Act::revoke_key, std::move(by), {}};
  CO_TRY_DO(co_await fulfil(std::move(change), std::move(doing)));
  co_return Status{};
}

// What takes permission away is held against the guard and the clock; giving back is not.
runtime::Task<Status> Control::fulfil_restriction(Wish change, Doing doing) {
  CO_TRY(auto objections, object_to(*state_.contents, state_.restrictions, *change.restrictions));
  const bool gives_back = doing.act == Act::lift;
  if (!gives_back) {
    auto too_fast = policy::object_to_pace(restricted_, shard_.now());
    if (too_fast) objections.push_back(std::move(*too_fast));
  }
  CO_TRY_DO(overrule(std::move(objections), doing));
  CO_TRY_DO(co_await fulfil(std::move(change), std::move(doing)));
  if (!gives_back) restricted_.push_back(shard_.now());
  co_return Status{};
}

runtime::Task<Status> Control::restrict_in_turn(RestrictionWish wish, Actor by) {
  Wish change;
  change.restrictions = state_.restrictions;
  auto& places = wish.kind == RestrictionWish::Kind::drain ? change.restrictions->drained
                                                           : change.restrictions->denied;
  if (wish.lift) {
    if (places.erase(wish.place) == 0) {
      co_return Fault{Code::resource_not_found, Retry::never,
                      fmt::format("There is no such restriction on '{}'.", wish.place)};
    }
  } else {
    auto known = names_of(state_.contents->network.zones);
    const auto regions = names_of(state_.contents->network.regions);
    known.insert(known.end(), regions.begin(), regions.end());
    CO_TRY_DO(check_known("zone or region", wish.place, known));
    if (!places.insert(wish.place).second) {
      if (wish.only_new) {
        co_return Fault{Code::resource_conflict, Retry::never,
                        fmt::format("That restriction stands on '{}' already.", wish.place)};
      }
      store::Transaction unmark;
      unmark.deletes.push_back(drill_key(wish.place));
      CO_TRY_DO(co_await store_.commit(std::move(unmark)));
      co_return Status{};
    }
  }
  Doing doing{wish.lift ? Act::lift : Act::restrict, std::move(by), {}};
  const Status done = co_await fulfil_restriction(std::move(change), std::move(doing));
  co_return done;
}

runtime::Task<Status> Control::revoke_machine_in_turn(std::string id, Actor by) {
  if (is_revoked(id)) co_return Status{};
  Wish change;
  change.restrictions = state_.restrictions;
  change.restrictions->revoked_machines.insert(std::move(id));
  Doing doing{Act::revoke_machine, std::move(by), {}};
  const Status done = co_await fulfil_restriction(std::move(change), std::move(doing));
  co_return done;
}

runtime::Task<Result<std::uint64_t>> Control::commit_beside(store::Transaction transaction,
                                                            AuditFacts facts) {
  CO_TRY_DO(co_await begin_change());
  facts.numbers = state_.numbers;
  auto committed = co_await commit(std::move(transaction), std::move(facts));
  end_change();
  co_return committed;
}

runtime::Task<Result<std::uint64_t>> Control::rotate_zone_key_in_turn(std::string zone, Actor by) {
  CO_TRY_DO(check_known("zone", zone, names_of(state_.contents->network.zones)));
  const std::uint64_t generation = state_.zone_key_generations[zone] + 1;
  store::Transaction transaction;
  transaction.compares.push_back({std::string(numbers_key), state_.revision});
  transaction.puts.push_back(
      {.key = zone_key_key(zone), .value = std::to_string(generation), .lease = 0});
  AuditFacts facts{.act = Act::rotate_zone_key,
                   .by = std::move(by),
                   .numbers = state_.numbers,
                   .things = {{"ZoneKey", zone, "rotated"}}};
  CO_TRY_DO(co_await commit(std::move(transaction), std::move(facts)));
  state_.zone_key_generations[zone] = generation;
  published_.notify_all();
  co_return generation;
}

}  // namespace portolan::control
