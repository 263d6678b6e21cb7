#include "gateway/usage_shipper.h"

#include <fmt/format.h>

#include <algorithm>

#include "policy/trusts_machine.h"
#include "runtime/combine.h"
#include "runtime/wait.h"
#include "seal/identity.h"
#include "wire/json_value.h"

namespace portolan::gateway {
namespace {

constexpr Duration gather_least = Duration::milliseconds(300);  // what is new goes as one post
constexpr Duration gather_jitter = Duration::milliseconds(900);
constexpr Duration retry_least = Duration::milliseconds(500);
constexpr Duration retry_most = Duration::seconds(30);
constexpr Duration post_time = Duration::seconds(15);
constexpr std::uint32_t failures_doubled_max = 6;
constexpr std::uint32_t failures_told = 2;  // a kept-alive connection may die once
constexpr std::size_t gaps_refilled_max = 10'000;

// Room for the head that names network, gateway and epoch.
constexpr std::size_t head_room = 1024;
const std::size_t records_bytes_max = wire::usage_post_bytes_max.count() - head_room;

// Alone, so that a post pins no World and no Keyring.
using Restricting = std::shared_ptr<const model::Restrictions>;

Status check_is_meter(const http::ClientExchange& exchange, const std::string& network,
                      const Restricting& restrictions) {
  TRY(const seal::Identity identity, seal::parse_identity(exchange.peer_identity()));
  if (identity.kind == seal::Identity::Kind::meter && identity.network == network) {
    return policy::trusts_machine(restrictions, identity.id);
  }
  return Fault{Code::untrusted_peer, Retry::elsewhere,
               "the peer is " + exchange.peer_identity() + ", no meter of this network"};
}

// The sentence of a meter that refuses.
std::string sentence_in(const std::string& body) {
  const auto json = wire::parse_json(body);
  const auto* error = json ? json->find("error") : nullptr;
  const auto* message = error != nullptr ? error->find("message") : nullptr;
  const bool has_text = message != nullptr && message->as_string() != nullptr;
  return has_text ? *message->as_string() : std::string("no reason given");
}

runtime::Task<Result<wire::UsageTaken>> converse(http::Pool& pool, std::string network,
                                                 Restricting restrictions, std::string body,
                                                 Instant deadline) {
  CO_TRY(auto exchange, co_await pool.borrow(deadline));
  CO_TRY_DO(check_is_meter(exchange, network, restrictions));
  http::OwnedFields fields{{"content-type", "application/octet-stream"}};
  CO_TRY_DO(co_await exchange.send("POST", std::string(wire::usage_post_path), fields, body));
  CO_TRY(const wire::ResponseHead* head, co_await exchange.read_head());
  const int status = head->status;
  CO_TRY(auto answer, co_await exchange.read_all(wire::usage_taken_bytes_max.count()));
  if (status == 200) co_return wire::parse_usage_taken(answer);
  co_return Fault{Code::unreachable, Retry::later,
                  fmt::format("it answers {}: {}", status, sentence_in(answer))};
}

// Whether the first record behind a batch's head is in that range.
bool begins_within(const UsageBatch& batch, const wire::UsageTaken::Missing& range) {
  if (batch.records == 0 || batch.next.epoch != range.epoch) return false;
  const auto head = wire::read_usage_record(batch.bytes);
  check(head && *head, "a batch begins with its head");
  const auto first =
      wire::read_usage_record(std::string_view(batch.bytes).substr((*head)->bytes.size()));
  check(first && *first, "a batch has whole records");
  return (*first)->number <= range.last;
}

}  // namespace

runtime::Task<UsageShipper::Answer> UsageShipper::post_to(runtime::Address meter,
                                                          std::string body) {
  http::Pool& pool = connections_.to_meter(meter);
  const Instant deadline = shard_.now() + post_time;
  auto posting =
      converse(pool, options_.network, knowledge_.view().restrictions, std::move(body), deadline);
  auto answer = co_await runtime::until(shard_, deadline, std::move(posting));
  co_return answer;
}

runtime::Task<UsageShipper::Answer> UsageShipper::post(std::string body) {
  Answer answer = Fault{Code::unreachable, Retry::later, "no meter is configured"};
  for (const runtime::Address& meter : options_.meters) {
    answer = co_await post_to(meter, body);
    if (answer || answer.error().code == Code::cancelled) co_return answer;
    answer.error().message = runtime::to_string(meter) + ": " + answer.error().message;
  }
  co_return answer;
}

runtime::Task<Status> UsageShipper::resume() {
  const auto epochs = log_.epochs();
  for (auto epoch = epochs.rbegin(); epoch != epochs.rend(); ++epoch) {
    wire::UsageSegment head;
    head.network = options_.network;
    head.gateway = options_.id;
    head.epoch = epoch->epoch;
    std::string body;
    wire::render_usage_record(body, head, 0);
    CO_TRY(const auto taken, co_await post(std::move(body)));
    if (taken.known == 0) continue;
    position_ = {.epoch = epoch->epoch, .number = taken.known + 1};
    if (taken.known > epoch->last) {
      shard_.report(
          fmt::format("the meter has {} records of epoch {}, this disk only {}: was it "
                      "replaced? All are sent, so that what differs shows as a conflict",
                      taken.known, epoch->epoch, epoch->last));
      position_.number = 1;
    }
    CO_TRY_DO(co_await refill(taken.missing));
    log_.shipped(position_);
    break;
  }
  resumed_ = true;
  co_return Status{};
}

runtime::Task<Status> UsageShipper::ship_all() {
  if (!resumed_) {
    CO_TRY_DO(co_await resume());
  }
  for (;;) {
    CO_TRY(auto batch, co_await log_.read_numbered(position_, records_bytes_max));
    if (batch.records == 0) {
      position_ = batch.next;
      co_return Status{};
    }
    CO_TRY(const auto taken, co_await post(std::move(batch.bytes)));
    position_ = batch.next;
    shipped_ += batch.records;
    CO_TRY_DO(co_await refill(taken.missing));
    log_.shipped(position_);
  }
}

runtime::Task<Status> UsageShipper::refill(std::vector<wire::UsageTaken::Missing> missing) {
  for (const auto& range : missing) {
    // What the log did not have once it will not have later.
    const std::pair key(range.epoch, range.first);
    if (refilled_.contains(key) || refilled_.size() >= gaps_refilled_max) continue;
    CO_TRY_DO(co_await refill_range(range));
    refilled_.insert(key);
  }
  co_return Status{};
}

runtime::Task<Status> UsageShipper::refill_range(wire::UsageTaken::Missing range) {
  UsagePosition at{.epoch = range.epoch, .number = range.first};
  for (;;) {
    CO_TRY(auto batch, co_await log_.read_numbered(at, records_bytes_max));
    if (!begins_within(batch, range)) co_return Status{};
    at = batch.next;
    CO_TRY_DO(co_await post(std::move(batch.bytes)));
    shipped_ += batch.records;
  }
}

// What was synced while the last post was under way told nobody.
bool UsageShipper::has_more() const {
  const auto epochs = log_.epochs();
  if (epochs.empty()) return false;
  const UsagePosition last{.epoch = epochs.back().epoch, .number = epochs.back().last};
  return last >= position_;
}

void UsageShipper::note(const Status& outcome) {
  if (outcome) {
    if (failures_ >= failures_told) shard_.report("a meter takes usage records again");
    failures_ = 0;
    return;
  }
  if (++failures_ != failures_told) return;
  shard_.report(fmt::format("no meter takes usage records ({}); they are kept here and sent later",
                            outcome.error().message));
}

Duration UsageShipper::pause_after(const Status& outcome) {
  const auto jitter = [this](Duration most) {
    return Duration{
        static_cast<std::int64_t>(shard_.random().below(static_cast<std::uint64_t>(most.ns)))};
  };
  if (outcome) return gather_least + jitter(gather_jitter);
  const auto doubled = std::min(failures_, failures_doubled_max);
  const Duration pause = std::min(retry_least * (std::int64_t{1} << doubled), retry_most);
  return pause / 2 + jitter(pause / 2);
}

runtime::Task<void> UsageShipper::run() {
  if (options_.meters.empty()) co_return;
  for (;;) {
    const Status outcome = co_await ship_all();
    if (!outcome && outcome.error().code == Code::cancelled) co_return;
    note(outcome);
    if (outcome && !has_more()) {
      const Status told = co_await log_.synced().wait();
      if (!told) co_return;
    }
    const Duration pause = pause_after(outcome);
    const Status slept = co_await runtime::sleep_for(shard_, pause);
    if (!slept) co_return;
  }
}

runtime::Task<void> UsageShipper::ship_rest(Instant deadline) {
  if (options_.meters.empty() || failures_ > 0) co_return;
  auto rest = ship_all();
  const Status outcome = co_await runtime::until(shard_, deadline, std::move(rest));
  if (!outcome) {
    shard_.report("the last usage records are sent at the next start: " + outcome.error().message);
  }
}

}  // namespace portolan::gateway
