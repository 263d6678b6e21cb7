#include <algorithm>
#include <iterator>

#include "control/control.h"
#include "control/golden_record.h"
#include "control/key_news.h"
#include "control/opening_record.h"
#include "control/parity_record.h"
#include "control/state_codec.h"
#include "control/told_document.h"
#include "control/webhook_record.h"
#include "runtime/combine.h"
#include "runtime/wait.h"

namespace portolan::control {
namespace {

constexpr Duration pause_after_fault = Duration::seconds(1);
// Within webhook_look_ms with told_facts_ms: two looks do not agree on what lasted a moment.
constexpr Duration tell_every = Duration::milliseconds(500);

// Beside the State: no document comes from it.
bool is_observation(const std::string& key) {
  return key.starts_with(parity_prefix) || key.starts_with(webhook_prefix) ||
         key.starts_with(golden_prefix) || key.starts_with(any_opening_prefix) ||
         key.starts_with(told_prefix);
}

}  // namespace

std::vector<store::Change> Control::news_in(const store::Changes& changes) const {
  std::vector<store::Change> news;
  std::ranges::copy_if(changes.items, std::back_inserter(news), [&](const store::Change& change) {
    return change.mod_revision > read_at_ && !is_observation(change.key) &&
           std::ranges::find(own_revisions_, change.mod_revision) == own_revisions_.end();
  });
  return news;
}

// In a change, so that nothing is decided by what is being replaced, and our own
// commits are all told of.
runtime::Task<Status> Control::take_news(store::Changes changes) {
  CO_TRY_DO(co_await begin_change());
  const auto items = news_in(changes);
  auto of_keys = read_key_news(state_, items);
  if (items.empty() || of_keys) {
    if (of_keys) {
      apply_key_news(state_, documents_, std::move(*of_keys), options_.signer);
      read_at_ = changes.next - 1;
      published_.notify_all();
    }
    std::erase_if(own_revisions_, [&](std::uint64_t own) { return own < changes.next; });
    end_change();
    co_return Status{};
  }
  const Status read = co_await load();
  end_change();
  co_return read;
}

runtime::Task<Status> Control::read_again() {
  stale_ = true;
  CO_TRY_DO(co_await begin_change());
  end_change();
  co_return Status{};
}

// From where to follow on.
runtime::Task<Result<std::uint64_t>> Control::follow_once(std::uint64_t from) {
  if (told_.lost_all()) {
    CO_TRY_DO(co_await read_again());
    co_return read_at_ + 1;
  }
  const Instant deadline = shard_.now() + limits::poll_wait_ms.milliseconds();
  store::WatchRequest request{.prefix = "", .from = from};
  auto changes = co_await store_.watch(std::move(request), deadline);
  if (!changes && changes.error().code == Code::stale_version) {
    CO_TRY_DO(co_await read_again());
    co_return read_at_ + 1;
  }
  if (!changes) co_return changes.error();
  told_.take(*changes, reader());
  CO_TRY_DO(co_await take_news(*changes));
  co_return changes->next;
}

// Every commit of any control raises the audit log's end, and a read of it is as
// fresh as this call.
runtime::Task<Status> Control::catch_up_now() {
  store::RangeRequest end;
  end.prefix = audit_head_key;
  CO_TRY(const auto range, co_await store_.range(std::move(end)));
  const auto newest = range.items.empty() ? 0 : range.items.front().mod_revision;
  if (state_.audit.revision >= newest) co_return Status{};
  CO_TRY_DO(co_await begin_change());
  const Status read = co_await load_up_to(newest);
  end_change();
  co_return read;
}

// In a change: the one before it may have read that already.
runtime::Task<Status> Control::load_up_to(std::uint64_t revision) {
  if (state_.audit.revision >= revision) co_return Status{};
  const Status read = co_await load();
  co_return read;
}

runtime::Task<Status> Control::catch_up() {
  if (!following_) co_return Status{};
  const Instant deadline = shard_.now() + control_catch_up_ms.milliseconds();
  auto work = catch_up_now();
  const Status caught_up = co_await runtime::until(shard_, deadline, std::move(work));
  co_return caught_up;
}

runtime::Task<void> Control::follow() {
  following_ = true;
  std::uint64_t from = read_at_ + 1;
  Instant seen = shard_.now();
  for (;;) {
    const auto next = co_await follow_once(from);
    if (next) {
      from = *next;
      seen = shard_.now();
      continue;
    }
    if (next.error().code == Code::cancelled) co_return;
    // What was told may have been taken back since, unseen.
    if (shard_.now() - seen >= told_lease_ms.milliseconds()) told_.lose_all();
    shard_.report("what other controls change is not seen: " + next.error().message);
    const Status slept = co_await runtime::sleep_for(shard_, pause_after_fault);
    if (!slept) co_return;
  }
}

runtime::Task<void> Control::tell_others() {
  bool complained = false;
  while (!draining_) {
    const Telling::Audience audience{.others = told_.anybody(),
                                     .soon = state_.rolling_out() || hastened_};
    const Status told = co_await telling_.look(audience);
    if (!told && told.error().code == Code::cancelled) co_return;
    if (!told && !complained) {
      shard_.report("other controls are not told of gateways: " + told.error().message);
    }
    complained = !told;
    const Status slept = co_await runtime::sleep_for(shard_, tell_every);
    if (!slept) co_return;
  }
}

}  // namespace portolan::control
