#include "gateway/record.h"

#include <utility>

#include "gateway/gateway.h"
#include "gateway/usage_checkpoint.h"
#include "gateway/usage_log.h"
#include "wire/access_line.h"

namespace portolan::gateway {
namespace {

wire::TraceParent trace_of(const http::Exchange& exchange, Random& random) {
  const auto sent = exchange.head().fields.find("traceparent");
  const auto parent = sent ? wire::parse_traceparent(*sent) : std::nullopt;
  return parent ? wire::child_of(*parent, random) : wire::new_trace(random);
}

// Of a request that is open. Another zone cannot help: the log is the entry's.
Status of_log(Status outcome) {
  if (outcome) return outcome;
  Fault fault = std::move(outcome).error();
  fault.retry = Retry::later;
  return fault;
}

}  // namespace

Record::Record(Gateway& gateway, http::Exchange& exchange)
    : request_id(gateway.next_request_id()),
      trace(trace_of(exchange, gateway.shard().random())),
      gateway_(gateway),
      exchange_(exchange),
      began_(gateway.shard().wall_now()),
      method_(exchange.head().method),
      path_(exchange.head().path) {
  ++gateway_.metrics().requests;
}

void Record::decide_by(const model::View& view) {
  if (view.world) {
    world_ = view.world->hash();
    world_version_ = view.world->version();
  }
  if (view.keyring) keyring_ = view.keyring->version().number;
  if (view.restrictions) restrictions_ = view.restrictions->version.number;
}

wire::UsageRequest Record::usage_request() const {
  return {.request_id = request_id,
          .trace_id = wire::render_trace_id(trace),
          .began = began_,
          .org = org,
          .workspace = workspace,
          .key_id = key_id,
          .model = model,
          .path = path_,
          .stream = stream,
          .scope = scope,
          .entry_region = gateway_.region(),
          .entry_zone = gateway_.options().zone,
          .versions = {.world = world_, .keyring = keyring_, .restrictions = restrictions_}};
}

runtime::Task<Status> Record::open() {
  wire::UsageBody opened = wire::UsageOpen{usage_request()};
  CO_TRY_DO(co_await gateway_.usage_log().append(std::move(opened)));
  open_ = true;
  co_return Status{};
}

runtime::Task<Status> Record::count(wire::UsageCounts counts) {
  if (!checkpoint_due(counts, noted_)) co_return Status{};
  noted_ = counts;
  wire::UsageBody checkpoint =
      wire::UsageCheckpoint{request_id, executor_region, executor_zone, executor_gateway, counts};
  Status appended = co_await gateway_.usage_log().append(std::move(checkpoint));
  co_return of_log(std::move(appended));
}

runtime::Task<Status> Record::secure() {
  if (!durable) co_return Status{};
  Status synced = co_await gateway_.usage_log().make_durable();
  co_return of_log(std::move(synced));
}

runtime::Task<Status> Record::close(Status outcome, int answer_status) {
  if (!outcome) code = outcome.error().code;
  if (!open_) co_return outcome;
  open_ = false;
  status_ = answer_status;
  wire::UsageBody closed =
      wire::UsageClose{.request = usage_request(),
                       .ended = gateway_.shard().wall_now(),
                       .outcome = std::string(code ? name_of(*code) : wire::outcome_completed),
                       .status = answer_status,
                       .executor_region = executor_region,
                       .executor_zone = executor_zone,
                       .executor_gateway = executor_gateway,
                       .attempts = attempts,
                       .executions = executions,
                       .counts = usage,
                       .receipt = receipt};
  Status kept = co_await gateway_.usage_log().append(std::move(closed));
  if (kept) kept = co_await secure();
  if (kept || !outcome) co_return outcome;
  code = kept.error().code;
  status_.reset();  // as answered
  co_return of_log(std::move(kept));
}

Record::~Record() {
  check(!open_, "a request that was opened is closed");
  Metrics& metrics = gateway_.metrics();
  const int status = status_.value_or(exchange_.status());
  ++metrics.answers[status];
  if (code) ++metrics.faults[*code];
  if (attempts > 1) metrics.failovers += attempts - 1;
  metrics.tokens.prompt.value += usage.prompt.value;
  metrics.tokens.completion.value += usage.completion.value;
  metrics.tokens.cached.value += usage.cached.value;

  const Instant now = gateway_.shard().now();
  std::optional<Duration> ttft;
  if (first_byte) ttft = *first_byte - exchange_.began();
  // Who shows no key that works can say nothing against a World.
  if (world_version_ && !key_id.empty()) {
    gateway_.tally().note({*world_version_, code, attempts, ttft}, now);
  }
  const std::string trace_id = wire::render_trace_id(trace);
  const std::string region = gateway_.region();
  wire::AccessLine line;
  line.time = began_;
  line.request_id = request_id;
  line.trace_id = trace_id;
  line.entry_region = region;
  line.entry_zone = gateway_.options().zone;
  line.entry_gateway = gateway_.options().id;
  line.executor_zone = executor_zone;
  line.workspace = workspace;
  line.key_id = key_id;
  line.model = model;
  line.scope = scope;
  line.method = method_;
  line.path = path_;
  line.status = status;
  line.code = code ? name_of(*code) : std::string_view();
  line.stream = stream;
  line.attempts = attempts;
  line.executions = executions;
  line.bytes_in = Bytes{exchange_.bytes_in()};
  line.bytes_out = Bytes{exchange_.bytes_out()};
  if (ttft) line.ttft = *ttft;
  line.total = now - exchange_.began();
  line.usage = usage;
  line.world = world_;
  line.keyring = keyring_;
  line.restrictions = restrictions_;
  std::string text;
  wire::render_access_line(text, line);
  gateway_.access_log().add(text);
}

}  // namespace portolan::gateway
