#include "app/limits.h"

#include <array>

#include "control/backup_file.h"
#include "control/parity_record.h"
#include "control/plan_zone_key.h"
#include "control/run_control.h"
#include "control/store_survey.h"
#include "control/webhook.h"
#include "dialect/engine_says.h"
#include "dialect/openai_request.h"
#include "dialect/usage_tally.h"
#include "gateway/gateway_limits.h"
#include "gateway/world_tally.h"
#include "runtime/tls_renewal.h"
#include "store/etcd_control_store.h"
#include "store/etcd_watch.h"
#include "store/ledger_table.h"
#include "wire/usage_post.h"
#include "wire/usage_record.h"
#include "world/document.h"

namespace portolan::app {
namespace {

// Limits that one room alone keeps, and so are stated there.
constexpr auto of_rooms = std::to_array<const Limit*>({
    &control::audit_page_entries_max,
    &control::audit_reason_bytes_max,
    &control::audit_things_max,
    &control::backup_page_keys_max,
    &control::backup_page_bytes_max,
    &control::gateways_max,
    &control::gateway_silence_ms,
    &control::control_catch_up_ms,
    &control::control_drain_ms,
    &control::keyring_deltas_max,
    &control::keyring_delta_bytes_max,
    &control::keys_max,
    &control::keys_beside_restrictions_max,
    &control::migrate_page_keys,
    &control::migrate_page_bytes,
    &control::parity_cells_max,
    &control::parity_days_max,
    &control::parity_gaps_shown_max,
    &control::parity_open_gaps_max,
    &control::parity_record_ms,
    &control::rollout_driver_ms,
    &control::rollout_poll_ms,
    &control::told_counts_ms,
    &control::told_facts_ms,
    &control::told_idle_ms,
    &control::told_lease_ms,
    &control::told_part_bytes_max,
    &control::told_reason_bytes_max,
    &control::webhook_answer_ms,
    &control::webhook_event_hours_max,
    &control::webhook_events_max,
    &control::webhook_look_ms,
    &control::webhook_pause_ms_max,
    &control::webhook_secret_bytes_min,
    &control::webhook_sender_ms,
    &control::zone_certificate_hours,
    &control::zone_certificate_left_hours,
    &dialect::engine_sentence_bytes_max,
    &dialect::model_name_bytes_max,
    &dialect::narrowing_bytes_max,
    &dialect::choices_counted_max,
    &gateway::control_retry_ms_max,
    &gateway::decisions_kept_max,
    &gateway::trial_decisions_min,
    &gateway::log_flush_ms,
    &gateway::usage_checkpoint_tokens,
    &gateway::usage_segment_bytes,
    &gateway::usage_log_bytes_max,
    &gateway::usage_close_reserve_bytes,
    &gateway::usage_room_retry_ms,
    &gateway::receipt_days,
    &gateway::load_samples_max,
    &gateway::world_tally_window_ms,
    &model::money_units_max,
    &model::parity_targets_max,
    &model::price_books_max,
    &model::price_items_max,
    &policy::price_move_percent_max,
    &policy::wave_back_ms,
    &policy::wave_engines_ms,
    &policy::wave_quiet_ms,
    &policy::wave_reach_ms,
    &policy::wave_requests_min,
    &policy::wave_watch_ms,
    &runtime::tls_reload_ms,
    &store::ledger_bytes_max,
    &store::ledger_number_max,
    &store::ledger_page_rows_max,
    &store::ledger_tokens_max,
    &store::etcd_answer_bytes_max,
    &store::etcd_attempt_ms,
    &store::etcd_call_ms,
    &store::etcd_commit_bytes_max,
    &store::etcd_freshness_ms,
    &store::etcd_page_keys,
    &store::etcd_pause_ms,
    &store::etcd_range_bytes_max,
    &store::etcd_session_ms,
    &store::etcd_settle_tries_max,
    &store::etcd_txn_width,
    &store::store_value_bytes_max,
    &store::store_changes_max,
    &store::store_history_max,
    &store::store_watch_batch_max,
    &wire::members_max,
    &wire::usage_record_bytes_max,
    &wire::usage_post_bytes_max,
    &wire::usage_taken_bytes_max,
    &world::source_bytes_max,
    &world::source_nodes_max,
    &world::source_depth_max,
    &world::poll_request_bytes_max,
    &world::poll_refusals_max,
    &world::poll_answer_bytes_max,
    &world::poll_answer_ms,
    &world::poll_documents_max,
});

}  // namespace

std::vector<const Limit*> shown_limits() {
  const auto shared = all_limits();
  std::vector<const Limit*> limits(shared.begin(), shared.end());
  limits.insert(limits.end(), of_rooms.begin(), of_rooms.end());
  const auto of_inspection = limits_of_inspection();
  limits.insert(limits.end(), of_inspection.begin(), of_inspection.end());
  const auto of_machines = limits_of_machines();
  limits.insert(limits.end(), of_machines.begin(), of_machines.end());
  const auto of_openings = limits_of_openings();
  limits.insert(limits.end(), of_openings.begin(), of_openings.end());
  return limits;
}

}  // namespace portolan::app
