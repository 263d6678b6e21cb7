#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "control/admin_api.h"
#include "control/resource_reply.h"
#include "wire/url.h"
#include "world/codec.h"
#include "world/time_text.h"

namespace portolan::control {
namespace {

wire::Json held_json(const std::optional<world::Seen>& seen) {
  return seen ? version_json(seen->version, seen->hash) : wire::Json();
}

wire::Json refused_json(const world::Refusal& refusal) {
  auto json = version_json(refusal.version, refusal.hash);
  json.set("kind", seal::name_of(refusal.kind));
  json.set("reason", refusal.reason);
  return json;
}

// The key by which it signs receipts.
wire::Json zone_key_json(const world::PollRequest& said) {
  if (!said.zone_key) return nullptr;
  auto json = wire::Json::object();
  json.set("key", said.zone_key->key);
  json.set("generation", said.zone_key->generation);
  json.set("certified", !said.zone_key->issuer.empty());
  json.set("ends",
           world::render_date(WallTime::from_unix_seconds(static_cast<std::int64_t>(
               std::min<std::uint64_t>(said.zone_key->ends_s, INT64_MAX / 1'000'000'000)))));
  return json;
}

wire::Json engines_json(const std::optional<world::EngineTally>& engines) {
  if (!engines) return nullptr;
  auto json = wire::Json::object();
  json.set("total", engines->total);
  json.set("healthy", engines->healthy);
  return json;
}

wire::Json load_json(const std::optional<world::LoadSaid>& load) {
  if (!load) return nullptr;
  auto json = wire::Json::object();
  json.set("slots", load->slots);
  json.set("busy_p95", load->busy_p95);
  return json;
}

// What the World it holds would have made of its last real decisions.
wire::Json trial_json(const std::optional<world::TrialSaid>& trial) {
  if (!trial) return nullptr;
  auto refused = wire::Json::object();
  for (const auto& each : trial->refused) refused.set(each.code, each.count);
  auto json = wire::Json::object();
  json.set("decisions", trial->decisions);
  json.set("elsewhere", trial->elsewhere);
  json.set("refused", std::move(refused));
  return json;
}

// What one gateway holds and refuses; of all kinds of documents or of Worlds.
wire::Json gateway_json(const std::string& id, const GatewayRecord& record, bool worlds_only) {
  auto json = wire::Json::object();
  auto refused = wire::Json::array();
  for (const auto& refusal : record.said.refused) {
    const bool shown = !worlds_only || refusal.kind == seal::DocumentKind::world;
    if (shown) refused.push(refused_json(refusal));
  }
  json.set("gateway", id);
  json.set("zone", record.said.zone);
  json.set("seen", world::render_date(record.seen));
  json.set("refused", std::move(refused));
  json.set("trial", trial_json(record.said.trial));
  if (worlds_only) {
    json.set("holds", held_json(record.said.world));
    return json;
  }
  json.set("world", held_json(record.said.world));
  json.set("keyring", held_json(record.said.keyring));
  json.set("restrictions", held_json(record.said.restrictions));
  json.set("zone_key", zone_key_json(record.said));
  json.set("connected", record.connected());
  json.set("engines", engines_json(record.said.engines));
  json.set("load", load_json(record.said.load));
  return json;
}

wire::Json gateways_json(const GatewayRecords& gateways, bool worlds_only) {
  auto list = wire::Json::array();
  for (const auto& [id, record] : gateways.by_id()) {
    list.push(gateway_json(id, record, worlds_only));
  }
  return list;
}

wire::Json current_world(const Numbers& numbers) {
  if (numbers.world == 0) return nullptr;
  return version_json(numbers.of(numbers.world), numbers.world_hash);
}

void gauge(std::string& out, std::string_view name, std::string_view help, std::uint64_t value,
           std::string_view type = "gauge") {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} {3}\n{0} {2}\n", name, help,
                 value, type);
}

runtime::Task<void> add_webhook(std::string& out, Webhook& webhook) {
  const auto& tally = webhook.tally();
  gauge(out, "portolan_webhook_delivered_total", "Events that the webhook's receiver took.",
        tally.delivered, "counter");
  gauge(out, "portolan_webhook_failures_total", "Attempts at an event that came to nothing.",
        tally.failures, "counter");
  gauge(out, "portolan_webhook_given_up_total", "Events that nobody took for a day.",
        tally.given_up, "counter");
  const auto waiting = co_await webhook.waiting();
  if (!waiting) co_return;
  gauge(out, "portolan_webhook_waiting", "Events that the receiver has not taken yet.", *waiting);
}

}  // namespace

runtime::Task<Result<Reply>> AdminApi::list_worlds(AdminCall) {
  auto json = wire::Json::object();
  json.set("current", current_world(control_.state().numbers));
  json.set("gateways", gateways_json(control_.gateways(), true));
  json.set("restore", restore_json(control_.state(), control_.gateways()));
  co_return json_reply(json);
}

runtime::Task<Result<Reply>> AdminApi::get_current_world(AdminCall call) {
  CO_TRY(const auto format, wire::find_parameter(call.query, "format"));
  const auto& numbers = control_.state().numbers;
  if (numbers.world == 0) {
    co_return Fault{Code::resource_not_found, Retry::later,
                    "There is no World yet; apply regions and zones first."};
  }
  Reply reply;
  if (format && *format == "sealed") {
    reply.body = *control_.documents().world;
    reply.content_type = "application/octet-stream";
  } else if (!format || *format == "json") {
    reply.body = world::encode_network(control_.state().contents->network);
  } else {
    co_return Fault{Code::invalid_parameter, Retry::never,
                    fmt::format("'format={}' is not known; it is json or sealed.", *format)};
  }
  co_return reply;
}

runtime::Task<Result<Reply>> AdminApi::list_gateways(AdminCall) {
  auto json = wire::Json::object();
  json.set("now", world::render_date(shard_.wall_now()));
  json.set("gateways", gateways_json(control_.gateways(), false));
  co_return json_reply(json);
}

runtime::Task<Result<Reply>> AdminApi::healthz(AdminCall) {
  co_return Reply{.status = 200, .body = "ok\n", .content_type = "text/plain", .allow = {}};
}

runtime::Task<Result<Reply>> AdminApi::readyz(AdminCall) {
  if (control_.draining()) {
    co_return Reply{.status = 503, .body = "draining\n", .content_type = "text/plain", .allow = {}};
  }
  co_return Reply{.status = 200, .body = "ready\n", .content_type = "text/plain", .allow = {}};
}

runtime::Task<Result<Reply>> AdminApi::metrics(AdminCall) {
  const auto& state = control_.state();
  std::string out;
  gauge(out, "portolan_control_world_version", "Number of the newest World.", state.numbers.world);
  gauge(out, "portolan_control_keyring_number", "Number of the newest Keyring.",
        state.numbers.keyring);
  gauge(out, "portolan_control_restrictions_number", "Number of the newest Restrictions.",
        state.numbers.restrictions);
  gauge(out, "portolan_control_epoch", "Raised by a restore of control.", state.numbers.epoch);
  gauge(out, "portolan_control_keys", "Keys, revoked ones too.", state.keys.size());
  gauge(out, "portolan_control_resources", "Resources that are stored.",
        state.resource_versions.size());
  gauge(out, "portolan_control_gateways", "Gateways that have polled this process.",
        control_.gateways().here().size());
  gauge(out, "portolan_control_gateways_known",
        "The same, with those of which other controls tell.", control_.gateways().by_id().size());
  gauge(out, "portolan_control_told_bytes_total",
        "Written into the store of what gateways told, for other controls.",
        control_.telling().bytes_written(), "counter");
  gauge(out, "portolan_control_told_writes_total", "How often that was.",
        control_.telling().documents_written(), "counter");
  gauge(out, "portolan_control_polls_waiting", "Long polls that wait now.",
        control_.polls_waiting());
  gauge(out, "portolan_control_polls_total", "Polls that were answered.", control_.polls_answered(),
        "counter");
  // A store that does not answer hides this, and nothing else.
  if (const auto machines = co_await parts_.joining.machines(); machines) {
    const auto now = shard_.wall_now();
    const auto soon = std::ranges::count_if(
        *machines, [now](const Machine& machine) { return ends_soon(machine, now); });
    gauge(out, "portolan_machines", "Machines that have joined.", machines->size());
    gauge(out, "portolan_machines_ending",
          "Machines of whose certificate less than a quarter is left.",
          static_cast<std::uint64_t>(soon));
  }
  if (webhook_ != nullptr) co_await add_webhook(out, *webhook_);
  gauge(out, "portolan_control_documents_total", "Documents that answers to polls brought.",
        control_.documents_sent(), "counter");
  co_return Reply{.status = 200,
                  .body = std::move(out),
                  .content_type = "text/plain; version=0.0.4",
                  .allow = {}};
}

}  // namespace portolan::control
