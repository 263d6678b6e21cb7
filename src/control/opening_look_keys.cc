#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "control/opening_closing.h"
#include "control/opening_limits.h"
#include "control/opening_look.h"
#include "runtime/wait.h"

// The keys that probes show, and what gateways hold of them.
namespace portolan::control {
namespace {

constexpr Duration told_pause = Duration::milliseconds(100);

bool is_at_least(const std::optional<world::Seen>& held, std::uint64_t number) {
  return number == 0 || (held && held->version.number >= number);
}

}  // namespace

Actor actor_of(const std::string& opening) { return {.reason = "opening " + opening}; }

bool OpeningLook::ends_look(const Fault& fault) {
  return fault.code == Code::cancelled || fault.code == Code::deadline_exceeded ||
         fault.code == Code::store_failed || fault.code == Code::disk_full ||
         fault.code == Code::disk_failed;
}

// The same again as long as it is good for a while.
runtime::Task<Result<OpeningLook::ProbingKey>> OpeningLook::key_of(std::string workspace,
                                                                   std::string opening) {
  const WallTime now = shard_.wall_now();
  const auto& stored = control_.state().keys;
  if (const auto found = keys_.find(workspace); found != keys_.end()) {
    const auto record = stored.find(found->second.id);
    const bool good = found->second.expires - now > opening_key_ms_left.milliseconds();
    if (good && record != stored.end() && !record->second.revoked) co_return found->second;
    keys_.erase(found);
  }
  ProbingKey key{.expires = now + opening_key_ms.milliseconds()};
  KeyWish wish{.workspace = workspace, .scopes = {}, .expires = key.expires};
  Actor by = actor_of(opening);
  CO_TRY(auto created, co_await control_.create_key(std::move(wish), std::move(by)));
  key.id = std::move(created.id);
  key.text = std::move(created.text);
  key.keyring = control_.state().numbers.keyring;
  keys_[workspace] = key;
  co_return key;
}

std::vector<std::string> OpeningLook::not_told(const Told& told) const {
  std::vector<std::string> gateways;
  const WallTime now = shard_.wall_now();
  for (const auto& [gateway, record] : control_.gateways().by_id()) {
    if (std::ranges::find(told.zones, record.said.zone) == told.zones.end()) continue;
    // One that is gone hears nothing, and answers nobody.
    const bool lives = record.connected() || now - record.seen < opening_told_ms_max.milliseconds();
    const bool holds = is_at_least(record.said.keyring, told.keyring) &&
                       is_at_least(record.said.restrictions, told.restrictions);
    if (lives && !holds) gateways.push_back(gateway);
  }
  return gateways;
}

runtime::Task<Result<std::vector<std::string>>> OpeningLook::await_told(Told told) {
  if (control_.shares_store()) {
    CO_TRY_DO(co_await runtime::sleep_for(shard_, opening_others_ms.milliseconds()));
  }
  const Instant deadline = shard_.now() + opening_told_ms_max.milliseconds();
  for (;;) {
    auto gateways = not_told(told);
    if (gateways.empty() || shard_.now() >= deadline) co_return gateways;
    CO_TRY_DO(co_await runtime::sleep_for(shard_, told_pause));
  }
}

runtime::Task<Status> OpeningLook::end(std::string opening) {
  CO_TRY_DO(co_await lift_left(opening));
  const WallTime now = shard_.wall_now();
  std::vector<std::string> left;
  for (const auto& workspace : {closing_name(opening), outside_name(opening)}) {
    keys_.erase(workspace);
    for (const auto& [id, key] : control_.state().keys) {
      if (key.workspace == workspace && !key.revoked && key.expires > now) left.push_back(id);
    }
  }
  for (const auto& id : left) {
    Actor by = actor_of(opening);
    const Status revoked = co_await control_.revoke_key(id, std::move(by));
    if (!revoked && revoked.error().code != Code::resource_not_found) co_return revoked;
  }
  co_return Status{};
}

}  // namespace portolan::control
