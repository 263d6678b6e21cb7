#include "control/golden.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/combine.h"
#include "runtime/gate.h"
#include "runtime/wait.h"
#include "seal/identity.h"

namespace portolan::control {
namespace {

// After a fault, or where another control may have run them.
constexpr Duration look_again = Duration::seconds(60);

Duration some_of(Random& random, const Limit& most) {
  return Duration::milliseconds(static_cast<std::int64_t>(random.below(most.value)));
}

// Of a zone's gateways one that polls, or else the first.
const model::GatewayAddress* choose_gateway(const model::Zone& zone, const Control& control) {
  const auto& heard = control.gateways().by_id();
  const model::GatewayAddress* first = nullptr;
  for (const auto& address : zone.gateways) {
    if (control.is_revoked(address.id)) continue;
    const auto found = heard.find(address.id);
    if (found != heard.end() && found->second.connected()) return &address;
    if (first == nullptr) first = &address;
  }
  return first;
}

std::string key_of(const std::string& zone) {
  return fmt::format("{}{}", golden_zone_prefix, zone);
}

}  // namespace

std::vector<std::string> Golden::models_in(const std::string& zone) const {
  std::vector<std::string> models;
  for (const auto& deployment : control_.state().contents->network.deployments) {
    if (deployment.zone == zone) models.push_back(deployment.model);
  }
  return models;
}

Status Golden::wish_run(std::string by) {
  if (control_.state().numbers.world == 0) {
    return Fault{Code::resource_not_found, Retry::never,
                 "There is no World yet, so there is no zone to ask."};
  }
  if (wisher_.empty()) wisher_ = std::move(by);
  wished_.notify_all();
  return {};
}

runtime::Task<Result<GoldenRecord>> Golden::record() {
  auto all = read(std::string(golden_prefix));
  auto record = co_await std::move(all);
  co_return record;
}

runtime::Task<Result<GoldenRecord>> Golden::read(std::string prefix) {
  store::RangeRequest request;
  request.prefix = std::move(prefix);
  CO_TRY(const auto range, co_await store_.range(std::move(request)));
  co_return read_golden(range);
}

runtime::Task<void> Golden::run_daily() {
  for (;;) {
    const Status turn = co_await wait_for_turn();
    if (!turn && turn.error().code == Code::cancelled) co_return;
    Status ran = turn;
    if (turn) {
      std::string by = std::exchange(wisher_, {});
      ran = co_await run_once(by.empty() ? std::string("daily") : std::move(by));
    }
    if (ran) continue;
    if (ran.error().code == Code::cancelled) co_return;
    shard_.report("the golden prompts were not asked: " + ran.error().message);
    const Status slept = co_await runtime::sleep_for(shard_, look_again);
    if (!slept) co_return;
  }
}

// Until a run is due, or wished for, and there is a World to run it on.
runtime::Task<Status> Golden::wait_for_turn() {
  const WallTime began = shard_.wall_now();
  std::optional<Duration> later;
  for (;;) {
    std::string key(golden_run_key);
    CO_TRY(const auto stored, co_await read(std::move(key)));
    const WallTime now = shard_.wall_now();
    const bool able = control_.state().numbers.world != 0 && !is_running(stored, now);
    if (able && !wisher_.empty()) co_return Status{};
    if (stored.run && !later) later = some_of(shard_.random(), golden_spread_ms);
    const WallTime due = golden_due(stored, began) + later.value_or(Duration());
    if (able && now >= due) co_return Status{};
    const Duration pause = std::min(std::max(due - now, Duration()), look_again);
    const Instant until = shard_.now() + pause;
    auto waiting = wait_for_wish();
    const Status told = co_await runtime::until(shard_, until, std::move(waiting));
    if (!told && shard_.now() < until) co_return told.error();
  }
}

runtime::Task<Status> Golden::wait_for_wish() {
  const Status told = co_await wished_.wait();
  co_return told;
}

// True: this process runs it. Of several that begin one gets it into the store.
runtime::Task<Result<bool>> Golden::begin(std::string by) {
  std::string run_key(golden_run_key);
  CO_TRY(const auto stored, co_await read(std::move(run_key)));
  if (is_running(stored, shard_.wall_now())) co_return false;
  run_ = {.began = shard_.wall_now(), .ended = std::nullopt, .by = std::move(by)};
  store::Transaction transaction;
  const std::string key(golden_run_key);
  transaction.compares.push_back({key, stored.run_revision});
  transaction.puts.push_back({.key = key, .value = render_golden_run(run_), .lease = 0});
  const auto revision = co_await store_.commit(std::move(transaction));
  if (!revision && revision.error().code == Code::resource_conflict) co_return false;
  if (!revision) co_return revision.error();
  run_revision_ = *revision;
  co_return true;
}

runtime::Task<Status> Golden::run_once(std::string by) {
  CO_TRY(const bool mine, co_await begin(std::move(by)));
  if (!mine) co_return Status{};
  CO_TRY_DO(co_await ask_all());
  CO_TRY(auto stored, co_await record());
  run_.ended = shard_.wall_now();
  store::Transaction transaction;
  const std::string key(golden_run_key);
  transaction.compares.push_back({key, run_revision_});
  transaction.puts.push_back({.key = key, .value = render_golden_run(run_), .lease = 0});
  CO_TRY_DO(co_await store_.commit(std::move(transaction)));
  auto outcome = co_await forget_gone(std::move(stored));
  co_return outcome;
}

// What zones said that the World has no more.
runtime::Task<Status> Golden::forget_gone(GoldenRecord record) {
  store::Transaction transaction;
  const auto& zones = control_.state().contents->network.zones;
  for (auto& key : record.keys) {
    const bool known = std::ranges::any_of(
        zones, [&](const model::Zone& zone) { return key_of(zone.name) == key; });
    if (!known) transaction.deletes.push_back(std::move(key));
  }
  if (transaction.deletes.empty()) co_return Status{};
  CO_TRY_DO(co_await store_.commit(std::move(transaction)));
  co_return Status{};
}

runtime::Task<Status> Golden::ask_all() {
  std::vector<model::Zone> zones;
  for (const auto& zone : control_.state().contents->network.zones) {
    if (!models_in(zone.name).empty()) zones.push_back(zone);
  }
  std::size_t next = 0;
  Status kept;
  runtime::CancelScope* scope = co_await runtime::CurrentScope{};
  runtime::Gate asking(shard_, golden_zones_at_once_max.count());
  const std::size_t at_once = std::min(zones.size(), golden_zones_at_once_max.count());
  for (std::size_t i = 0; i < at_once; ++i) {
    asking.start(within(*scope, ask_next(zones, next, kept)));
  }
  co_await asking.drain();
  if (scope->is_cancelled()) co_return runtime::cancelled_fault(scope->reason());
  co_return kept;
}

// A part of a run, ended with it.
runtime::Task<void> Golden::within(runtime::CancelScope& scope, runtime::Task<void> part) {
  co_await std::move(part).under(scope);
}

runtime::Task<void> Golden::ask_next(std::vector<model::Zone>& zones, std::size_t& next,
                                     Status& kept) {
  while (next < zones.size()) {
    model::Zone zone = zones[next++];
    auto said = co_await ask_zone(std::move(zone));
    const Status put = co_await keep(std::move(said));
    if (!put && kept) kept = put;
  }
}

runtime::Task<GoldenZone> Golden::ask_zone(model::Zone zone) {
  GoldenZone said{.zone = zone.name, .gateway = {}, .asked = shard_.wall_now()};
  const auto* gateway = choose_gateway(zone, control_);
  if (gateway == nullptr) {
    said.why = "the zone has no gateway that is trusted";
    co_return said;
  }
  said.gateway = gateway->id;
  auto hop = runtime::parse_address(gateway->hop);
  if (!hop) {
    said.why = hop.error().message;
    co_return said;
  }
  InspectedGateway asked{std::move(*hop),
                         seal::render_identity({.network = control_.state().numbers.network,
                                                .kind = seal::Identity::Kind::gateway,
                                                .zone = zone.name,
                                                .id = gateway->id})};
  const auto models = models_in(zone.name);
  for (std::size_t at = 0; at < models.size() && said.why.empty();) {
    world::InspectionRequest request{.prompts = golden_prompts(),
                                     .within = golden_zone_ms_max.milliseconds()};
    const std::size_t end = std::min(models.size(), at + world::inspect_models_max.count());
    for (; at < end; ++at) request.models.push_back(models[at]);
    InspectedGateway once = asked;
    auto inspected = co_await client_.inspect(std::move(once), std::move(request));
    if (!inspected) said.why = inspected.error().message;
    if (!inspected) continue;
    std::ranges::move(inspected->said.engines, std::back_inserter(said.engines));
  }
  co_return said;
}

runtime::Task<Status> Golden::keep(GoldenZone zone) {
  store::Transaction transaction;
  transaction.puts.push_back(
      {.key = key_of(zone.zone), .value = render_golden_zone(zone), .lease = 0});
  CO_TRY_DO(co_await store_.commit(std::move(transaction)));
  co_return Status{};
}

}  // namespace portolan::control
