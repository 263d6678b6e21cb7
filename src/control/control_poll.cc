#include <algorithm>

#include "control/control.h"
#include "control/former_keyring.h"
#include "runtime/combine.h"
#include "runtime/offload.h"

namespace portolan::control {

using seal::DocumentKind;

runtime::Task<Status> Control::wait_for_change() {
  const Status told = co_await published_.wait();
  co_return told;
}

// What this gateway is to be sent; empty at the deadline and while draining.
runtime::Task<Result<PollPlan>> Control::wait_for_plan(world::PollRequest request,
                                                       Instant deadline) {
  const Instant began = shard_.now();
  for (;;) {
    const auto plan = plan_poll(target_for(request.gateway), request);
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

// Encodes and seals the Keyring once, however many ask for it.
runtime::Task<Status> Control::make_snapshot(bool former) {
  while (sealing_) {
    CO_TRY_DO(co_await sealed_.wait());
  }
  const auto numbers = state_.numbers;
  if (documents_.snapshot(former).number == numbers.keyring) co_return Status{};
  sealing_ = true;
  auto content = former ? former_keyring_content(state_) : keyring_content(state_);
  auto work = [numbers, made = std::move(content), signer = &options_.signer] {
    return seal_keyring(numbers, made, *signer);
  };
  auto offloaded = runtime::offload(shard_, std::move(work));
  auto keyring = co_await offloaded;
  sealing_ = false;
  sealed_.notify_all();
  // Of a rollout that ended meanwhile it would be another Keyring under this number.
  if (former && !state_.rolling_out()) co_return Status{};
  auto& snapshot = former ? documents_.former_keyring : documents_.keyring;
  snapshot = {std::move(keyring), numbers.keyring};
  co_return Status{};
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
  CO_TRY(auto plan, co_await wait_for_plan(request, deadline));
  while (plan.keyring && documents_.snapshot(waits_for_its_turn(request.gateway)).number !=
                             state_.numbers.keyring) {
    CO_TRY_DO(co_await make_snapshot(waits_for_its_turn(request.gateway)));
    // Meanwhile there may be a newer one.
    plan = plan_poll(target_for(request.gateway), request);
  }
  auto assembled = assemble(plan, request.gateway);
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

world::PollAnswer Control::assemble(const PollPlan& plan, const std::string& gateway) const {
  world::PollAnswer answer;
  const auto add = [&](DocumentKind kind, const SealedBytes& bytes) {
    answer.documents.push_back({kind, *bytes});
  };
  const bool waits = waits_for_its_turn(gateway);
  if (plan.restrictions) add(DocumentKind::restrictions, documents_.restrictions);
  if (plan.world) {
    add(DocumentKind::world, waits ? documents_.former_world : documents_.world);
  }
  if (plan.keyring) add(DocumentKind::keyring, documents_.snapshot(waits).bytes);
  answer.confirmed = plan.confirmed;
  if (!plan.first_delta) return answer;
  // As many as fit; the next poll gets the rest, and only the last confirms.
  std::size_t bytes = 0;
  for (std::size_t at = 0; at < documents_.deltas.size(); ++at) {
    if (documents_.deltas[at].first < *plan.first_delta) continue;
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
