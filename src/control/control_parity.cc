#include "control/control.h"
#include "control/parity_record.h"
#include "runtime/offload.h"
#include "runtime/wait.h"

// What is recorded of parity: observations, which change no document and leave
// no entry in the audit log.
namespace portolan::control {

runtime::Task<Result<store::Range>> Control::read_parity() {
  store::RangeRequest request;
  request.prefix = std::string(parity_prefix);
  auto range = co_await store_.range(std::move(request));
  co_return range;
}

// In a change. Another control that was faster has told the same or newer.
runtime::Task<Status> Control::record_parity_in_turn() {
  const auto snapshot = parity_snapshot(state_, gateways_, shard_.wall_now());
  CO_TRY(const auto range, co_await read_parity());
  auto work = [&snapshot] { return report_parity(snapshot, {}); };
  auto offloaded = runtime::offload(shard_, std::move(work));
  CO_TRY(const auto report, co_await offloaded);
  auto record = read_parity_record(range);
  // Where several controls share a store, a region's gateways may poll one that does not tell.
  const auto unheard =
      following_ ? unheard_regions(snapshot, told_.ever()) : std::set<std::string>();
  auto transaction = control::record_parity(record, report, day_of(snapshot.now), unheard);
  if (transaction.compares.empty()) co_return Status{};
  CO_TRY_DO(co_await store_.commit(std::move(transaction)));
  co_return Status{};
}

runtime::Task<Status> Control::record_parity_once() {
  CO_TRY_DO(co_await begin_change());
  const Status recorded = co_await record_parity_in_turn();
  end_change();
  co_return recorded;
}

runtime::Task<void> Control::record_parity() {
  for (;;) {
    // First of all gateways are to tell what they have.
    const Status slept = co_await runtime::sleep_for(shard_, parity_record_ms.milliseconds());
    if (!slept) co_return;
    if (state_.numbers.world == 0 || state_.held_back() || draining_) continue;
    const Status recorded = co_await record_parity_once();
    if (!recorded && recorded.error().code == Code::cancelled) co_return;
    if (!recorded && recorded.error().code != Code::resource_conflict) {
      shard_.report("parity is not recorded: " + recorded.error().message);
    }
  }
}

}  // namespace portolan::control
