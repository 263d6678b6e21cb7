#include <array>

#include "control/backup_file.h"
#include "control/control.h"
#include "control/leased_keys.h"
#include "control/plan_restore.h"
#include "control/state_codec.h"

namespace portolan::control {

// What is sent after this is newer to every gateway that has polled than all
// that it holds, whatever became of the numbers in between.
runtime::Task<Status> Control::finish_restore_in_turn(Actor by) {
  if (!state_.restored || state_.restored->finished) {
    co_return Fault{Code::resource_not_found, Retry::never,
                    "No restore waits to be finished: gateways are sent what is stored here."};
  }
  auto from = *state_.restored;
  const auto gap = find_restore_gap(state_, from, gateways_.by_id());
  from.finished = true;
  from.lacked = render_gap(from, gap);
  auto raised = compile_epoch(state_, gap.epoch);
  raised.transaction.puts.push_back(
      {.key = std::string(restored_key), .value = render_restored(from), .lease = 0});
  AuditFacts facts{.act = Act::finish_restore,
                   .by = std::move(by),
                   .numbers = raised.numbers,
                   .things = {{"Backup", from.taken, "finished"}}};
  CO_TRY_DO(co_await commit(std::move(raised.transaction), std::move(facts)));
  stale_ = true;
  CO_TRY_DO(co_await load());
  co_return Status{};
}

runtime::Task<Result<BackupPage>> Control::read_backup(std::uint64_t revision, std::string after) {
  BackupPage page;
  store::Range ends;
  ends.revision = revision;
  static constexpr std::array<std::string_view, 2> parts = {numbers_key, audit_head_key};
  for (const auto prefix : parts) {
    store::RangeRequest part;
    part.prefix = prefix;
    part.revision = ends.revision;
    CO_TRY(auto found, co_await store_.range(std::move(part)));
    ends.revision = found.revision;
    for (auto& item : found.items) ends.items.push_back(std::move(item));
  }
  CO_TRY(const auto known, read_state(ends));
  page.manifest = {.numbers = known.numbers,
                   .revision = ends.revision,
                   .time = shard_.wall_now(),
                   .audit = known.audit.head};
  store::RangeRequest request;
  request.revision = ends.revision;
  request.after = std::move(after);
  request.keys_max = backup_page_keys_max.value;
  CO_TRY(auto range, co_await store_.range(std::move(request)));
  std::size_t bytes = 0;
  for (auto& item : range.items) {
    page.next = item.key;
    if (item.key.starts_with(delta_prefix) || is_held_by_lease(item.key)) continue;
    bytes += item.value.size();
    page.items.push_back({std::move(item.key), std::move(item.value)});
    if (bytes > backup_page_bytes_max.count()) co_return page;
  }
  if (range.items.size() < backup_page_keys_max.count()) page.next.clear();
  co_return page;
}

}  // namespace portolan::control
