#include "control/control.h"

#include <fmt/format.h>

#include "control/state_codec.h"
#include "model/credential.h"
#include "runtime/combine.h"
#include "runtime/offload.h"
#include "seal/ed25519.h"
#include "seal/text_encoding.h"
#include "world/codec.h"

namespace portolan::control {
namespace {

constexpr int start_tries_max = 5;  // while other controls settle the same

Status check_signer(const ControlOptions& options) {
  const auto& subject = options.signer.certificate.subject;
  const auto wrong = [](std::string why) {
    return Fault{Code::bad_configuration, Retry::never, std::move(why)};
  };
  if (subject.key != options.signer.key.verify_key()) {
    return wrong("The signing key is not the one that the certificate speaks of.");
  }
  if (subject.role != seal::Role::control) {
    return wrong("The certificate is a zone's; control needs one that the root gave to control.");
  }
  if (subject.network != options.network) {
    return wrong(fmt::format("The certificate is for the network '{}', not '{}'.", subject.network,
                             options.network));
  }
  return {};
}

}  // namespace

Control::Control(runtime::Shard& shard, store::ControlStore& store, ControlOptions options)
    : shard_(shard),
      store_(store),
      options_(std::move(options)),
      telling_(shard, store, gateways_, options_.network),
      told_(shard, gateways_),
      change_ended_(shard),
      published_(shard),
      sealed_(shard) {}

runtime::Task<Result<std::unique_ptr<Control>>> Control::open(runtime::Shard& shard,
                                                              store::ControlStore& store,
                                                              ControlOptions options) {
  CO_TRY_DO(check_signer(options));
  std::unique_ptr<Control> control(new Control(shard, store, std::move(options)));
  for (int tries = 1;; ++tries) {
    CO_TRY_DO(co_await control->load());
    const Status settled = co_await control->settle_numbers();
    if (settled) co_return control;
    // Several controls may start at once on one store.
    const bool raced = settled.error().code == Code::resource_conflict;
    if (!raced || tries == start_tries_max) co_return settled.error();
  }
}

// The newest state of the store, and its documents.
runtime::Task<Status> Control::load() {
  store::RangeRequest all_but_audit;
  all_but_audit.after = behind_audit;
  CO_TRY(auto range, co_await store_.range(std::move(all_but_audit)));
  const auto revision = range.revision;
  told_.take(range, reader());
  std::erase_if(range.items, [](const auto& item) { return item.key.starts_with(told_prefix); });
  auto work = [stored = std::move(range),
               signer = &options_.signer]() -> Result<std::pair<State, Documents>> {
    TRY(auto state, read_state(stored));
    auto documents = seal_all(state, *signer);
    return std::pair(std::move(state), std::move(documents));
  };
  auto offloaded = runtime::offload(shard_, std::move(work));
  CO_TRY(auto loaded, co_await offloaded);
  if (loaded.first.revision == 0) loaded.first.numbers.network = options_.network;
  if (loaded.first.numbers.network != options_.network) {
    co_return Fault{Code::bad_configuration, Retry::never,
                    fmt::format("The store belongs to the network '{}', not '{}'.",
                                loaded.first.numbers.network, options_.network)};
  }
  state_ = std::move(loaded.first);
  documents_ = std::move(loaded.second);
  read_at_ = revision;
  std::erase_if(own_revisions_, [&](std::uint64_t own) { return own <= revision; });
  stale_ = false;
  published_.notify_all();
  co_return Status{};
}

// A first start, a raised epoch, and a program that renders the same resources
// to another World all lead to new numbers before anything is served.
runtime::Task<Status> Control::settle_numbers() {
  if (options_.epoch > state_.numbers.epoch) {
    CO_TRY_DO(co_await raise_epoch());
  }
  if (state_.revision == 0) {
    state_.numbers.keyring = 1;
    Doing first{Act::start, {}, {}};
    CO_TRY_DO(co_await fulfil(Wish{}, std::move(first)));
  }
  if (state_.numbers.world == 0) co_return Status{};
  Wish same;
  same.contents = state_.contents;
  if (state_.rolling_out()) same.rollout = state_.rollout;
  const auto hash = seal::sha256_hex(world::encode_network(same.contents->network));
  if (hash != state_.numbers.world_hash) {
    Doing again{Act::start, {}, {}};
    CO_TRY_DO(co_await fulfil(std::move(same), std::move(again)));
  }
  co_return Status{};
}

runtime::Task<Status> Control::raise_epoch() {
  if (state_.revision == 0) {
    state_.numbers.epoch = options_.epoch;
    co_return Status{};
  }
  auto raised = compile_epoch(state_, options_.epoch);
  AuditFacts facts{.act = Act::raise_epoch, .by = {}, .numbers = raised.numbers, .things = {}};
  CO_TRY_DO(co_await commit(std::move(raised.transaction), std::move(facts)));
  CO_TRY_DO(co_await load());
  co_return Status{};
}

runtime::Task<Status> Control::set_admin_key(std::string text) {
  store::Transaction transaction;
  auto digest = seal::sha256_hex(text);
  transaction.compares.push_back({std::string(admin_key_key), 0});
  transaction.puts.push_back({.key = std::string(admin_key_key), .value = digest, .lease = 0});
  AuditFacts facts{.act = Act::make_admin_key,
                   .by = {},
                   .numbers = state_.numbers,
                   .things = {{"AdminKey", digest.substr(0, 12), "created"}}};
  const auto made = co_await commit(std::move(transaction), std::move(facts));
  // Another control was faster, and may have made one.
  if (!made && made.error().code == Code::resource_conflict) {
    CO_TRY_DO(co_await load());
  }
  if (!made) co_return made.error();
  state_.admin_digest = std::move(digest);
  co_return Status{};
}

bool Control::is_admin(std::string_view text) const {
  model::KeyDigest shown{};
  model::KeyDigest stored{};
  const auto shown_read = seal::parse_hex(seal::sha256_hex(text), shown);
  const auto stored_read = seal::parse_hex(state_.admin_digest, stored);
  return shown_read && stored_read && model::equal_digests(shown, stored);
}

runtime::Task<Status> Control::begin_change() {
  while (changing_) {
    CO_TRY_DO(co_await change_ended_.wait());
  }
  changing_ = true;
  if (!stale_) co_return Status{};
  const auto loaded = co_await load();
  if (!loaded) end_change();
  co_return loaded;
}

void Control::end_change() {
  changing_ = false;
  change_ended_.notify_all();
}

runtime::Task<Status> Control::fulfil(Wish wish, Doing doing) {
  AuditFacts facts{.act = doing.act, .by = std::move(doing.by), .numbers = {}, .things = {}};
  facts.things = things_of(state_, wish);
  for (const auto& objection : doing.overruled) {
    facts.things.push_back({"Guard", objection.sentence, "overruled"});
  }
  auto work = [state = &state_, signer = &options_.signer, wanted = std::move(wish)]() mutable {
    return prepare(*state, std::move(wanted), *signer);
  };
  auto offloaded = runtime::offload(shard_, std::move(work));
  CO_TRY(auto prepared, co_await offloaded);
  facts.numbers = prepared.change.numbers;
  const auto& rollout = prepared.change.wish.rollout;
  if (rollout) facts.things.push_back(thing_of(*rollout));
  auto transaction = std::move(prepared.change.transaction);
  CO_TRY(const std::uint64_t revision, co_await commit(std::move(transaction), std::move(facts)));
  apply_prepared(documents_, prepared);
  apply_change(state_, std::move(prepared.change), revision);
  published_.notify_all();
  co_return Status{};
}

runtime::Task<Result<std::uint64_t>> Control::commit(store::Transaction transaction,
                                                     AuditFacts facts) {
  facts.time = shard_.wall_now();
  auto end = add_audit(state_, facts, transaction);
  // Behind this point nothing but the store's answer counts, also when the one
  // who asked has gone.
  stale_ = true;
  auto committing = store_.commit(std::move(transaction));
  const auto revision = co_await runtime::uncancelled(std::move(committing));
  if (!revision) co_return revision.error();
  stale_ = false;
  if (following_) own_revisions_.push_back(*revision);
  end.revision = *revision;
  state_.audit = std::move(end);
  co_return *revision;
}

runtime::Task<Result<Control::AuditPage>> Control::read_audit(std::uint64_t from,
                                                              std::uint64_t entries_max) {
  store::RangeRequest head;
  head.prefix = audit_head_key;
  CO_TRY(const auto ends, co_await store_.range(std::move(head)));
  AuditPage page;
  if (ends.items.empty()) co_return page;
  CO_TRY(page.head, seal::parse_chain_head(ends.items.front().value));
  const auto last = page.head.number;
  const auto first = from == 0 && last > entries_max ? last - entries_max + 1 : from;
  store::RangeRequest entries;
  entries.prefix = audit_prefix;
  entries.revision = ends.revision;
  entries.after = audit_key(first == 0 ? 0 : first - 1);
  entries.keys_max = entries_max;
  CO_TRY(auto range, co_await store_.range(std::move(entries)));
  for (auto& item : range.items) page.entries.push_back(std::move(item.value));
  co_return page;
}

Target Control::target_for(const std::string& gateway) const {
  const auto& numbers = state_.numbers;
  world::Seen world{numbers.of(numbers.world), numbers.world_hash};
  if (waits_for_its_turn(gateway)) {
    const bool made = documents_.former_world != nullptr;
    world = {numbers.of(made ? state_.rollout->from : 0), state_.rollout->from_hash};
  }
  return {
      .held_back = state_.held_back() || is_revoked(gateway),
      .world = std::move(world),
      .keyring = {numbers.of(numbers.keyring), {}},
      .restrictions = {numbers.of(numbers.restrictions), {}},
      .first_delta = state_.deltas.empty() ? numbers.keyring + 1 : state_.deltas.front().number};
}

void Control::hasten_polls(bool on) {
  if (on == hastened_) return;
  hastened_ = on;
  published_.notify_all();
}

void Control::begin_drain() {
  draining_ = true;
  published_.notify_all();
}

}  // namespace portolan::control
