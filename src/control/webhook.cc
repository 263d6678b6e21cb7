#include "control/webhook.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "control/parity_report.h"
#include "runtime/combine.h"
#include "runtime/offload.h"
#include "runtime/wait.h"
#include "seal/text_encoding.h"

namespace portolan::control {
namespace {

constexpr Duration store_pause = Duration::seconds(1);  // between two looks for events

std::string make_event_id(runtime::Shard& shard) {
  std::array<unsigned char, 12> bytes{};
  shard.fill_secret(bytes);
  return "evt_" + seal::render_hex(bytes);
}

http::Origin origin_of(const wire::Url& url,
                       std::shared_ptr<const runtime::Credentials> credentials) {
  http::Origin origin;
  origin.address = {url.host, url.port};
  origin.credentials = std::move(credentials);
  if (url.tls) origin.server_name = url.host;
  return origin;
}

}  // namespace

Duration webhook_pause(std::uint64_t failures) {
  constexpr std::uint64_t doublings_max = 20;
  const auto pause = Duration::seconds(std::int64_t{1} << std::min(failures - 1, doublings_max));
  return std::min(pause, webhook_pause_ms_max.milliseconds());
}

Webhook::Webhook(runtime::Shard& shard, Control& control, store::ControlStore& store,
                 WebhookPlace place, std::shared_ptr<const runtime::Credentials> credentials)
    : shard_(shard),
      control_(control),
      store_(store),
      place_(std::move(place)),
      pool_(shard, origin_of(place_.url, std::move(credentials))),
      appended_(shard),
      next_attempt_(shard.now()) {}

runtime::Task<Result<store::Range>> Webhook::read(std::string prefix, std::uint64_t most) {
  store::RangeRequest request;
  request.prefix = std::move(prefix);
  request.keys_max = most;
  auto range = co_await store_.range(std::move(request));
  co_return range;
}

runtime::Task<Result<std::size_t>> Webhook::waiting() {
  std::string prefix(webhook_event_prefix);
  CO_TRY(const auto events, co_await read(std::move(prefix), 0));
  co_return events.items.size();
}

EventFacts Webhook::event_facts() {
  return {control_.state().numbers.network, shard_.wall_now(),
          [shard = &shard_] { return make_event_id(*shard); }};
}

runtime::Task<void> Webhook::observe() {
  for (;;) {
    // First of all gateways are to tell what they have.
    const Status slept = co_await runtime::sleep_for(shard_, webhook_look_ms.milliseconds());
    if (!slept) co_return;
    const auto& state = control_.state();
    if (state.numbers.world == 0 || state.held_back() || control_.draining()) continue;
    const Status looked = co_await look();
    if (looked) continue;
    if (looked.error().code == Code::cancelled) co_return;
    // Another control was faster, or what was read is not what stands there.
    record_.reset();
    if (looked.error().code != Code::resource_conflict) {
      shard_.report("changes of the catalogue are not told: " + looked.error().message);
    }
  }
}

runtime::Task<Status> Webhook::look() {
  auto snapshot = parity_snapshot(control_.state(), control_.gateways(), shard_.wall_now());
  // Where several controls share a store, a region's gateways may poll one that does not tell.
  auto unheard = control_.shares_store() ? unheard_regions(snapshot, control_.hears_others())
                                         : std::set<std::string>();
  auto work = [shown = std::move(snapshot)] { return report_offers(shown); };
  auto offloaded = runtime::offload(shard_, std::move(work));
  CO_TRY(auto now, co_await offloaded);
  // What another control told meanwhile may be what is seen now again.
  if (!record_ || control_.shares_store()) {
    std::string prefix(webhook_told_prefix);
    CO_TRY(const auto told, co_await read(std::move(prefix), 0));
    record_ = read_webhook_record(told);
  }
  const CatalogueLook look{keep_unheard(std::move(now), *record_, unheard), unheard};
  const auto last = std::exchange(last_, look);
  if (!last) co_return Status{};
  // What is there at first is what two looks agree on as a whole: gateways may be coming.
  const bool agreed = policy::compare_catalogues(last->seen, look.seen).empty();
  if (!record_->began && !agreed) co_return Status{};
  CatalogueNews news{policy::settle_catalogue(record_->told, last->seen, look.seen),
                     unknown_regions(*last, look)};
  const Status told = co_await tell(std::move(news));
  co_return told;
}

runtime::Task<Status> Webhook::tell(CatalogueNews news) {
  if (!has_news(*record_, news)) co_return Status{};
  std::string prefix(webhook_event_prefix);
  CO_TRY(const auto events, co_await read(std::move(prefix), 0));
  auto transaction = tell_changes(*record_, news, read_webhook_queue(events), event_facts());
  if (transaction.puts.empty() && transaction.deletes.empty()) co_return Status{};
  const bool first = !record_->began;
  record_.reset();
  CO_TRY_DO(co_await store_.commit(std::move(transaction)));
  if (first) shard_.report("the webhook is told of changes from now on");
  appended_.notify_all();
  co_return Status{};
}

runtime::Task<Result<bool>> Webhook::may_post() {
  if (!control_.shares_store()) co_return true;
  if (lease_ != 0) {
    const Status kept = co_await store_.keep_alive(lease_);
    if (kept) co_return true;
    if (kept.error().code != Code::resource_not_found) co_return kept.error();
    lease_ = 0;
  }
  std::string prefix(webhook_sender_key);
  CO_TRY(const auto sender, co_await read(std::move(prefix), 1));
  if (!sender.items.empty()) co_return false;
  auto taken = co_await take_lease();
  co_return taken;
}

runtime::Task<Result<bool>> Webhook::take_lease() {
  CO_TRY(const auto lease, co_await store_.grant_lease(webhook_sender_ms.milliseconds()));
  store::Transaction transaction;
  transaction.compares.push_back({.key = std::string(webhook_sender_key), .mod_revision = 0});
  transaction.puts.push_back({.key = std::string(webhook_sender_key), .value = "", .lease = lease});
  const auto revision = co_await store_.commit(std::move(transaction));
  if (!revision && revision.error().code == Code::resource_conflict) co_return false;
  if (!revision) co_return revision.error();
  lease_ = lease;
  co_return true;
}

runtime::Task<Status> Webhook::wait_for_event() {
  const Status told = co_await appended_.wait();
  co_return told;
}

runtime::Task<void> Webhook::deliver() {
  for (;;) {
    const auto more = co_await deliver_next();
    if (!more && more.error().code == Code::cancelled) co_return;
    if (!more && more.error().code != Code::resource_conflict) {
      shard_.report("events for the webhook cannot be read: " + more.error().message);
    }
    if (more && *more) continue;
    const Instant next = shard_.now() + store_pause;
    auto waiting = wait_for_event();
    const Status told = co_await runtime::until(shard_, next, std::move(waiting));
    if (!told && shard_.now() < next) co_return;
  }
}

runtime::Task<Result<bool>> Webhook::deliver_next() {
  CO_TRY(const bool here, co_await may_post());
  if (!here || shard_.now() < next_attempt_) co_return false;
  std::string prefix(webhook_event_prefix);
  CO_TRY(auto events, co_await read(std::move(prefix), 1));
  if (events.items.empty()) co_return false;
  auto delivered = co_await deliver_event(std::move(events.items.front()));
  co_return delivered;
}

runtime::Task<Result<bool>> Webhook::deliver_event(store::KeyValue event) {
  // Events of one commit have one revision.
  const std::pair settling(event.key, event.mod_revision);
  if (settling != settled_) {
    auto place = place_;
    auto body = event.value;
    const Status posted = co_await post_event(pool_, std::move(place), std::move(body));
    if (!posted && posted.error().code == Code::cancelled) co_return posted.error();
    if (!posted) note_failure(posted.error());
    if (!posted && !give_up(event, posted.error())) co_return false;
    if (posted) {
      ++tally_.delivered;
      failures_ = 0;
    }
    settled_ = settling;
  }
  store::Transaction transaction;
  transaction.compares.push_back({.key = event.key, .mod_revision = event.mod_revision});
  transaction.deletes.push_back(std::move(event.key));
  CO_TRY_DO(co_await store_.commit(std::move(transaction)));
  co_return true;
}

void Webhook::note_failure(const Fault& why) {
  ++tally_.failures;
  const auto pause = webhook_pause(++failures_);
  next_attempt_ = shard_.now() + pause;
  shard_.report(fmt::format("the webhook {} takes no event ({} times in a row); again in {} s: {}",
                            wire::render_url(place_.url), failures_, pause.milliseconds() / 1000,
                            why.message));
}

bool Webhook::give_up(const store::KeyValue& event, const Fault& why) {
  const auto since = time_of_event(event.value);
  const auto life = Duration::hours(static_cast<std::int64_t>(webhook_event_hours_max.value));
  if (since && shard_.wall_now() - *since < life) return false;
  ++tally_.given_up;
  shard_.report(fmt::format("an event that the webhook did not take for {} h is given up ({}): {}",
                            webhook_event_hours_max.value, why.message, event.value));
  return true;
}

}  // namespace portolan::control
