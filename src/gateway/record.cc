#include "gateway/record.h"

#include "gateway/gateway.h"
#include "wire/access_line.h"

namespace portolan::gateway {
namespace {

wire::TraceParent trace_of(const http::Exchange& exchange, Random& random) {
  const auto sent = exchange.head().fields.find("traceparent");
  const auto parent = sent ? wire::parse_traceparent(*sent) : std::nullopt;
  return parent ? wire::child_of(*parent, random) : wire::new_trace(random);
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
  if (view.world) world_ = view.world->hash();
  if (view.keyring) keyring_ = view.keyring->version().number;
  if (view.restrictions) restrictions_ = view.restrictions->version.number;
}

Record::~Record() {
  Metrics& metrics = gateway_.metrics();
  ++metrics.answers[exchange_.status()];
  if (code) ++metrics.faults[*code];
  if (attempts > 1) metrics.failovers += attempts - 1;
  metrics.tokens.prompt.value += usage.prompt.value;
  metrics.tokens.completion.value += usage.completion.value;
  metrics.tokens.cached.value += usage.cached.value;

  const Instant now = gateway_.shard().now();
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
  line.status = exchange_.status();
  line.code = code ? name_of(*code) : std::string_view();
  line.stream = stream;
  line.attempts = attempts;
  line.executions = executions;
  line.bytes_in = Bytes{exchange_.bytes_in()};
  line.bytes_out = Bytes{exchange_.bytes_out()};
  if (first_byte) line.ttft = *first_byte - exchange_.began();
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
