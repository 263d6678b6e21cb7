#include <fmt/format.h>

#include <algorithm>

#include "control/control.h"
#include "control/former_keyring.h"
#include "runtime/combine.h"
#include "runtime/offload.h"

namespace portolan::control {

using seal::DocumentKind;

namespace {

PollPlan without_keyring(PollPlan plan) {
  plan.keyring = false;
  plan.confirmed = false;
  return plan;
}

}  // namespace

runtime::Task<Status> Control::wait_for_change() {
  const Status told = co_await published_.wait();
  co_return told;
}

// What this gateway is to be sent; empty at the deadline and while draining.
runtime::Task<Result<PollPlan>> Control::wait_for_plan(world::PollRequest request,
                                                       Instant deadline) {
  const Instant began = shard_.now();
  for (;;) {
    const PollPlan plan = plan_for(request);
    const bool idle = plan.empty() && zone_key_plan(request).empty();
    // While a World goes out, what gateways see of it is wanted soon.
    const Instant ends = state_.rolling_out() || hastened_
                             ? std::min(deadline, began + rollout_poll_ms.milliseconds())
                             : deadline;
    if (!idle || draining_ || shard_.now() >= ends) co_return plan;
    auto waiting = wait_for_change();
    const Status told = co_await runtime::until(shard_, ends, std::move(waiting));
    // An earlier deadline is that of who asked.
    if (!told && shard_.now() < ends) co_return told.error();
  }
}

SnapshotKind Control::snapshot_for(const world::PollRequest& request) const {
  return {.former = waits_for_its_turn(request.gateway), .compact = request.reads_snapshots};
}

PollPlan Control::plan_for(const world::PollRequest& request) const {
  auto target = target_for(request.gateway);
  target.keyring_fits = request.reads_snapshots ? !documents_.no_compact : !documents_.no_json;
  return plan_poll(target, request);
}

// What is sealed is the newest Keyring, or leads there by deltas that are kept: where keys
// change faster than a large Keyring is sealed, nobody would ever be sent one. To a gateway
// that has refused it, or something behind it, it is of no use; a delta that was refused
// before it is in it. Nor is one from before the deltas that are kept: revocations behind it
// may be absorbed (compile_restrictions).
bool Control::snapshot_serves(const world::PollRequest& request) const {
  const auto& numbers = state_.numbers;
  const auto number = documents_.snapshot(snapshot_for(request)).number;
  if (number == numbers.keyring) return true;
  const auto& deltas = documents_.deltas;
  if (number == 0 || deltas.empty() || number + 1 < deltas.front().first) return false;
  const auto version = numbers.of(number);
  const bool stumbled = std::ranges::any_of(request.refused, [&](const world::Refusal& refusal) {
    const bool whole = refusal.kind == DocumentKind::keyring;
    if (!whole && refusal.kind != DocumentKind::keyring_delta) return false;
    return model::older(version, refusal.version) || (whole && refusal.version == version);
  });
  const auto& held = request.keyring;
  const bool newer =
      !held || held->version.network != numbers.network || model::older(held->version, version);
  return newer && !stumbled;
}

// A large Keyring takes seconds to seal and to send, which what takes permission away
// does not wait for. Not twice in a row: who is sent new restrictions again and again
// would never be sent a Keyring. A gateway that reads no snapshots keeps no revocation that
// is absorbed (compile_restrictions), so it gets both together.
bool Control::goes_ahead(const PollPlan& plan, const world::PollRequest& request) const {
  return request.reads_snapshots && plan.keyring && plan.restrictions &&
         state_.keys.size() > keys_beside_restrictions_max.count() &&
         std::ranges::find(sent_ahead_, request.gateway) == sent_ahead_.end();
}

// Encodes and seals the Keyring once, however many ask for it. There is none behind it
// where what it was made of is no longer what gateways are sent.
runtime::Task<Status> Control::make_snapshot(world::PollRequest request) {
  while (sealing_) {
    CO_TRY_DO(co_await sealed_.wait());
    if (snapshot_serves(request)) co_return Status{};
  }
  const SnapshotKind kind = snapshot_for(request);
  const auto numbers = state_.numbers;
  const bool none = kind.compact ? documents_.no_compact : documents_.no_json;
  if (none) co_return Status{};
  sealing_ = true;
  auto content = kind.former ? former_keyring_content(state_) : keyring_content(state_);
  // Freeing a million keys takes a while too.
  auto work = [numbers, kind, made = std::move(content), signer = &options_.signer]() mutable {
    const auto sealing = std::move(made);
    return seal_keyring(numbers, sealing, kind.compact, *signer);
  };
  auto offloaded = runtime::offload(shard_, std::move(work));
  auto keyring = co_await offloaded;
  sealing_ = false;
  sealed_.notify_all();
  // Of a rollout that ended meanwhile it would be another Keyring under this number.
  if (kind.former && !state_.rolling_out()) co_return Status{};
  // A raised epoch keeps the Keyring's number.
  if (numbers.epoch != state_.numbers.epoch) co_return Status{};
  if (!keyring) {
    (kind.compact ? documents_.no_compact : documents_.no_json) = true;
    shard_.report(fmt::format("{} get no snapshot of the Keyring, and follow by deltas alone: {}",
                              kind.compact ? "gateways" : "gateways of the release before",
                              keyring.error().message));
    co_return Status{};
  }
  Documents::Snapshot snapshot{std::move(*keyring), numbers.keyring};
  documents_.put_snapshot(kind, std::move(snapshot));
  co_return Status{};
}

// What is sent when the snapshot that it needs is there. One is sealed for it, not one
// after the other: where that serves no more when it is there, all else is sent without.
runtime::Task<Result<PollPlan>> Control::plan_with_snapshot(world::PollRequest request,
                                                            PollPlan plan) {
  if (goes_ahead(plan, request)) {
    sent_ahead_.push_back(request.gateway);
    co_return without_keyring(plan);
  }
  std::erase(sent_ahead_, request.gateway);
  if (plan.keyring && !snapshot_serves(request)) {
    CO_TRY_DO(co_await make_snapshot(request));
    // Meanwhile there may be a newer one.
    plan = plan_for(request);
  }
  if (plan.keyring && !snapshot_serves(request)) co_return without_keyring(plan);
  co_return plan;
}

runtime::Task<Result<world::PollAnswer>> Control::poll(world::PollRequest request) {
  // What a machine says that was revoked counts for nothing.
  const bool heard = !is_revoked(request.gateway);
  if (heard) {
    CO_TRY_DO(gateways_.note(request, shard_.wall_now()));
  }
  const auto wait_ms = std::min(request.wait_ms, limits::poll_wait_ms.value);
  const Instant deadline =
      shard_.now() + Duration::milliseconds(static_cast<std::int64_t>(wait_ms));
  const std::string gateway = request.gateway;
  ++polls_waiting_;
  auto answered = co_await answer(std::move(request), deadline);
  --polls_waiting_;
  if (heard) gateways_.note_end(gateway, shard_.wall_now());
  if (answered) {
    ++polls_answered_;
    documents_sent_ += answered->documents.size();
  }
  co_return answered;
}

runtime::Task<Result<world::PollAnswer>> Control::answer(world::PollRequest request,
                                                         Instant deadline) {
  PollPlan plan;
  for (bool waiting = true; waiting;) {
    CO_TRY(const PollPlan wanted, co_await wait_for_plan(request, deadline));
    CO_TRY(plan, co_await plan_with_snapshot(request, wanted));
    // No snapshot fits: it goes on waiting for anything else. Where one is to come, the next
    // poll asks again.
    waiting = wanted.keyring && plan.empty() && plan_for(request).empty();
  }
  auto assembled = assemble(plan, request);
  CO_TRY_DO(answer_zone_key(request, assembled));
  co_return assembled;
}

ZoneKeyPlan Control::zone_key_plan(const world::PollRequest& request) const {
  if (is_revoked(request.gateway)) return {};
  const auto found = state_.zone_key_generations.find(request.zone);
  const ZoneKeyTarget target{
      .generation = found == state_.zone_key_generations.end() ? 0 : found->second,
      .signer = options_.signer.certificate.subject};
  return plan_zone_key(target, request, shard_.wall_now());
}

Status Control::answer_zone_key(const world::PollRequest& request,
                                world::PollAnswer& answer) const {
  const auto found = state_.zone_key_generations.find(request.zone);
  if (found != state_.zone_key_generations.end()) answer.zone_key_generation = found->second;
  const ZoneKeyPlan plan = zone_key_plan(request);
  if (!plan.certify) return {};
  TRY(const auto certificate,
      certify_zone(request, plan, options_.signer.key, options_.network, shard_.wall_now()));
  answer.zone_chain = {seal::render_certificate(options_.signer.certificate),
                       seal::render_certificate(certificate)};
  return {};
}

world::PollAnswer Control::assemble(const PollPlan& plan, const world::PollRequest& request) const {
  world::PollAnswer answer;
  const auto add = [&](DocumentKind kind, const SealedBytes& bytes) {
    answer.documents.push_back({kind, bytes});
  };
  const SnapshotKind kind = snapshot_for(request);
  const bool waits = kind.former;
  if (plan.restrictions) add(DocumentKind::restrictions, documents_.restrictions);
  if (plan.world) {
    add(DocumentKind::world, waits ? documents_.former_world : documents_.world);
  }
  answer.confirmed = plan.confirmed;
  auto first_delta = plan.first_delta;
  std::size_t bytes = 0;
  if (plan.keyring) {
    const auto& snapshot = documents_.snapshot(kind);
    add(DocumentKind::keyring, snapshot.bytes);
    bytes = snapshot.bytes->size();
    first_delta = snapshot.number + 1;
  }
  if (!first_delta) return answer;
  // As many as fit; the next poll gets the rest, and only the last confirms.
  for (std::size_t at = 0; at < documents_.deltas.size(); ++at) {
    if (documents_.deltas[at].first < *first_delta) continue;
    const SealedBytes& delta = documents_.delta(at, waits);
    bytes += delta->size();
    if (bytes > limits::keyring_bytes_max.count()) {
      answer.confirmed = false;
      break;
    }
    add(DocumentKind::keyring_delta, delta);
  }
  return answer;
}

}  // namespace portolan::control
