#include <CLI/CLI.hpp>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "app/commands.h"
#include "base/limits.h"
#include "control/gateway_records.h"
#include "control/plan_zone_key.h"
#include "control/run_control.h"
#include "control/state.h"
#include "dialect/engine_says.h"
#include "dialect/openai_request.h"
#include "dialect/usage_tally.h"
#include "gateway/usage_limits.h"
#include "store/control_store.h"
#include "wire/json_scan.h"
#include "wire/json_writer.h"
#include "wire/usage_record.h"
#include "world/document.h"
#include "world/poll.h"

namespace portolan::app {
namespace {

// Limits that one room alone keeps, and so are stated there.
constexpr auto of_rooms = std::to_array<const Limit*>({
    &control::gateways_max,
    &control::gateway_silence_ms,
    &control::control_drain_ms,
    &control::keyring_deltas_max,
    &control::keyring_delta_bytes_max,
    &control::keys_max,
    &control::zone_certificate_hours,
    &control::zone_certificate_left_hours,
    &dialect::engine_sentence_bytes_max,
    &dialect::model_name_bytes_max,
    &dialect::narrowing_bytes_max,
    &dialect::choices_counted_max,
    &gateway::log_flush_ms,
    &gateway::usage_checkpoint_tokens,
    &gateway::usage_segment_bytes,
    &gateway::usage_log_bytes_max,
    &gateway::usage_close_reserve_bytes,
    &gateway::usage_room_retry_ms,
    &gateway::receipt_days,
    &store::store_value_bytes_max,
    &store::store_changes_max,
    &store::store_history_max,
    &store::store_watch_batch_max,
    &wire::members_max,
    &wire::usage_record_bytes_max,
    &world::source_bytes_max,
    &world::source_nodes_max,
    &world::source_depth_max,
    &world::poll_request_bytes_max,
    &world::poll_refusals_max,
    &world::poll_answer_bytes_max,
    &world::poll_documents_max,
});

std::vector<const Limit*> shown_limits() {
  const auto shared = all_limits();
  std::vector<const Limit*> limits(shared.begin(), shared.end());
  limits.insert(limits.end(), of_rooms.begin(), of_rooms.end());
  return limits;
}

void print_limits(bool json) {
  if (!json) {
    fmt::print("{:<26} {:>12}  {}\n", "LIMIT", "DEFAULT", "REASON");
    for (const Limit* limit : shown_limits()) {
      fmt::print("{:<26} {:>12}  {}\n", limit->name, limit->value, limit->reason);
    }
    return;
  }
  std::string text;
  wire::JsonWriter writer(text);
  writer.begin_array();
  for (const Limit* limit : shown_limits()) {
    writer.begin_object()
        .member("name", limit->name)
        .member("value", limit->value)
        .member("reason", limit->reason)
        .end_object();
  }
  writer.end_array();
  fmt::print("{}\n", text);
}

}  // namespace

void add_limits(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("limits", "every limit of this program, and why it is there");
  auto output = std::make_shared<std::string>("table");
  command->add_option("-o,--output", *output, "table or json")
      ->check(CLI::IsMember({"table", "json"}));
  command->callback([output, &exit_code] {
    print_limits(*output == "json");
    exit_code = 0;
  });
}

}  // namespace portolan::app
