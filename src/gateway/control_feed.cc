#include "gateway/control_feed.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/limits.h"
#include "gateway/control_pause.h"
#include "model/world_seams.h"
#include "policy/trusts_machine.h"
#include "runtime/combine.h"
#include "runtime/wait.h"
#include "seal/identity.h"

namespace portolan::gateway {
namespace {

using seal::DocumentKind;

constexpr Duration answer_margin = Duration::seconds(5);  // beyond the wait that was asked for
constexpr Duration uncut_after_a_cut = Duration::seconds(5);

// Alone, so that a poll that waits pins no World and no Keyring.
using Restricting = std::shared_ptr<const model::Restrictions>;

Status check_is_control(const http::ClientExchange& exchange, const std::string& network,
                        const Restricting& restrictions) {
  TRY(const seal::Identity identity, seal::parse_identity(exchange.peer_identity()));
  if (identity.kind == seal::Identity::Kind::control && identity.network == network) {
    return policy::trusts_machine(restrictions, identity.id);
  }
  return Fault{Code::untrusted_peer, Retry::elsewhere,
               "the peer is " + exchange.peer_identity() + ", no control of this network"};
}

// Up to the answer's head: what comes behind it is on its way.
runtime::Task<Result<std::unique_ptr<http::ClientExchange>>> ask(http::Pool& pool,
                                                                 std::string network,
                                                                 Restricting restrictions,
                                                                 std::string body,
                                                                 Instant deadline) {
  CO_TRY(auto borrowed, co_await pool.borrow(deadline));
  CO_TRY_DO(check_is_control(borrowed, network, restrictions));
  auto exchange = std::make_unique<http::ClientExchange>(std::move(borrowed));
  http::OwnedFields fields;
  fields.push_back({"content-type", "application/json"});
  CO_TRY_DO(co_await exchange->send("POST", std::string(world::poll_path), fields, body));
  CO_TRY(const wire::ResponseHead* head, co_await exchange->read_head());
  const int status = head->status;
  if (status == 200) co_return exchange;
  CO_TRY_DO(co_await exchange->read_all(world::poll_answer_bytes_max.count()));
  co_return Fault{Code::unreachable, Retry::elsewhere, "control answers " + std::to_string(status)};
}

std::optional<world::TrialSaid> said_of(const std::optional<policy::WorldTrial>& trial) {
  if (!trial) return std::nullopt;
  world::TrialSaid said;
  said.decisions = trial->decisions;
  said.elsewhere = trial->elsewhere;
  for (const auto& [code, count] : trial->refused) {
    said.refused.push_back({std::string(name_of(code)), count});
  }
  return said;
}

}  // namespace

world::PollRequest ControlFeed::describe(const runtime::Address& control) const {
  world::PollRequest request;
  request.gateway = options_.id;
  request.zone = options_.zone;
  request.world = knowledge_.held(DocumentKind::world);
  request.keyring = knowledge_.held(DocumentKind::keyring);
  request.restrictions = knowledge_.held(DocumentKind::restrictions);
  for (const Refused& one : refused_) {
    if (one.control == control) request.refused.push_back(one.refusal);
  }
  request.zone_key = zone_key_.said();
  request.engines = engines_;
  request.served = tally_.said(request.world);
  request.load = load_;
  request.computed = tally_.computed();
  request.turn = turn_;
  request.trial = said_of(knowledge_.trial());
  request.reads_snapshots = true;
  request.wait_ms = is_in_a_hurry() ? 0 : limits::poll_wait_ms.value;
  return request;
}

// A first poll after control was away says at once whether the Keyring is current,
// where a workspace would be refused before a whole wait is over.
bool ControlFeed::is_in_a_hurry() const {
  const WallTime answered = shard_.wall_now() + limits::poll_wait_ms.milliseconds();
  return !reached_ && knowledge_.needs_confirmation(answered);
}

// A snapshot answers for the deltas before it, and the other way round.
void ControlFeed::forget_refusal(DocumentKind kind) {
  const auto family = [](DocumentKind of) {
    return of == DocumentKind::keyring_delta ? DocumentKind::keyring : of;
  };
  std::erase_if(refused_,
                [&](const Refused& known) { return family(known.refusal.kind) == family(kind); });
}

void ControlFeed::forget_own_troubles(const runtime::Address& control) {
  std::erase_if(refused_, [&](const Refused& known) {
    return known.own_trouble && known.control == control;
  });
}

void ControlFeed::remember_refusal(const runtime::Address& control,
                                   const world::SealedDocument& document, const Fault& fault) {
  world::Refusal refusal;
  refusal.kind = document.kind;
  refusal.hash = seal::sha256_hex(document.bytes);
  refusal.reason = std::string(name_of(fault.code)) + ": " + fault.message;
  if (const auto claim = seal::claim_of(document.bytes)) {
    refusal.version = claim->version;
    refusal.hash = claim->hash;
  }
  forget_refusal(document.kind);
  if (refused_.size() >= world::poll_refusals_max.count()) refused_.erase(refused_.begin());
  shard_.report("refused a " + std::string(seal::name_of(document.kind)) + ": " + refusal.reason);
  const bool own_trouble = fault.code == Code::disk_failed || fault.code == Code::disk_full;
  refused_.push_back({control, std::move(refusal), own_trouble});
}

// From `first` on: deltas that follow one another are taken at once, anything else alone.
runtime::Task<Knowledge::DeltasTaken> ControlFeed::take_some(world::PollAnswer& answer,
                                                             std::size_t first) {
  std::vector<std::string> deltas;
  for (std::size_t i = first; i < answer.documents.size(); ++i) {
    if (answer.documents[i].kind != DocumentKind::keyring_delta) break;
    deltas.emplace_back(answer.documents[i].bytes.view());
  }
  Knowledge::DeltasTaken taken;
  if (deltas.size() > 1) {
    taken = co_await knowledge_.take_deltas(std::move(deltas));
    co_return taken;
  }
  std::string sealed(answer.documents[first].bytes.view());
  taken.refused = co_await knowledge_.take(answer.documents[first].kind, std::move(sealed));
  taken.count = taken.refused ? 1 : 0;
  co_return taken;
}

runtime::Task<void> ControlFeed::take(runtime::Address control, world::PollAnswer answer,
                                      WallTime answered) {
  taken_whole_ = true;
  for (std::size_t next = 0; next < answer.documents.size();) {
    const Knowledge::DeltasTaken taken = co_await take_some(answer, next);
    if (taken.count > 0) forget_refusal(answer.documents[next].kind);
    next += taken.count;
    if (!taken.refused) {
      const bool world = answer.documents[next].kind == DocumentKind::world;
      check(!model::world_seams.fall_by_world || !world, "a World is loaded");
      taken_whole_ = false;
      remember_refusal(control, answer.documents[next], taken.refused.error());
      // Later documents may build on this one.
      co_return;
    }
  }
  if (answer.confirmed) co_await knowledge_.confirm(answered);
}

runtime::Task<void> ControlFeed::take_zone_key(world::PollAnswer answer) {
  const Status taken = co_await zone_key_.take(std::move(answer));
  if (taken) co_return;
  taken_whole_ = false;
  shard_.report("took no certificate to sign receipts by: " + taken.error().message);
}

void ControlFeed::note_engines(world::EngineTally engines) {
  if (engines_ == engines) return;
  engines_ = engines;
  news_.notify_all();
}

// Until the engines are not as they are now, and not before `from`.
runtime::Task<Status> ControlFeed::await_news(Instant from) {
  const auto said = engines_;
  CO_TRY_DO(co_await runtime::sleep_until(shard_, from));
  while (engines_ == said) {
    CO_TRY_DO(co_await news_.wait());
  }
  co_return Status{};
}

// An answer that has begun is not cut for news: a large one would never come whole.
runtime::Task<Result<world::PollAnswer>> ControlFeed::read_answer(Asked exchange) {
  auto reading = exchange->read_all(world::poll_answer_bytes_max.count());
  const Instant deadline = shard_.now() + world::poll_answer_ms.milliseconds();
  CO_TRY(const std::string bytes, co_await runtime::until(shard_, deadline, std::move(reading)));
  co_return world::decode_poll_answer(bytes);
}

runtime::Task<Result<ControlFeed::Ended>> ControlFeed::poll_once(runtime::Address control) {
  http::Pool& pool = connections_.to_control(control);
  const Instant deadline = shard_.now() + limits::poll_wait_ms.milliseconds() + answer_margin;
  ++turn_.number;
  const std::string body = world::encode_poll_request(describe(control));
  auto asking = ask(pool, options_.network, knowledge_.view().restrictions, body, deadline);
  auto asked = runtime::until(shard_, deadline, std::move(asking));
  auto news = await_news(uncut_until_);
  auto raced = co_await runtime::race(std::move(asked), std::move(news));
  if (!raced.first_won) co_return Ended::cut;
  CO_TRY(Asked exchange, std::move(*raced.first));
  const WallTime answered = shard_.wall_now();
  CO_TRY(auto answer, co_await read_answer(std::move(exchange)));
  world::PollAnswer about_key;
  about_key.zone_key_generation = answer.zone_key_generation;
  about_key.zone_chain = std::move(answer.zone_chain);
  forget_own_troubles(control);
  co_await take(control, std::move(answer), answered);
  co_await take_zone_key(std::move(about_key));
  co_return Ended::answered;
}

void ControlFeed::note_reached(bool reached, const std::string& why) {
  if (reached && !reached_) shard_.report("control is reached");
  if (!reached && !complained_) {
    shard_.report("no control answers (" + why + "); serving what is known, and asking on");
  }
  complained_ = !reached;
  reached_ = reached;
  failures_ = reached ? 0 : failures_ + 1;
}

runtime::Task<void> ControlFeed::run() {
  const runtime::CancelScope* scope = co_await runtime::CurrentScope{};
  while (scope == nullptr || !scope->is_cancelled()) {
    Result<Ended> polled = Fault{Code::unreachable, Retry::later, "no control is configured"};
    for (const runtime::Address& control : options_.controls) {
      polled = co_await poll_once(control);
      // What this one sends and is refused, another may have in order.
      if (polled && (*polled == Ended::cut || taken_whole_)) break;
    }
    if (scope != nullptr && scope->is_cancelled()) co_return;
    // Neither an answer nor a failure.
    if (polled && *polled == Ended::cut) {
      uncut_until_ = shard_.now() + uncut_after_a_cut;
      continue;
    }
    note_reached(polled.has_value(), polled ? "" : polled.error().message);
    if (polled && taken_whole_) continue;
    const Duration pause = control_pause(failures_, shard_.random());
    const Status slept = co_await runtime::sleep_for(shard_, pause);
    if (!slept) co_return;
  }
}

}  // namespace portolan::gateway
