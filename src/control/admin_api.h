#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/control.h"
#include "control/golden.h"
#include "control/joining.h"
#include "control/meter_client.h"
#include "control/openings.h"
#include "control/reply.h"
#include "control/webhook.h"
#include "http/server.h"

namespace portolan::control {

// What an admin request says, as the parts that serve it take it.
struct AdminCall {
  std::vector<std::string> names;  // of the path, where a route has {}
  std::string query;
  std::string body;
  std::string request_id;
  Actor by;
};

// Where the last restore stands and what it lacks; null: there was none.
wire::Json restore_json(const State& state, const GatewayRecords& gateways);

// The admin API, /admin/v1, for those who hold the admin key; /join/v1 for those who
// hold a join token; /healthz, /readyz and /metrics for everyone who reaches the listener.
//
// Lives on: control's shard.  Owner: the process's root task.
class AdminApi final : public http::Handler {
 public:
  // Whom it asks.
  struct Parts {
    Control& control;
    Joining& joining;
    Golden& golden;
    Openings& openings;
    MeterClient& meter;
  };

  AdminApi(runtime::Shard& shard, Parts parts)
      : shard_(shard), control_(parts.control), parts_(parts), ids_(shard, "ctl") {}

  // Of a control that has one: its metrics are shown.
  void show(Webhook& webhook) { webhook_ = &webhook; }

  runtime::Task<void> handle(http::Exchange& exchange) override;
  http::OwnedFields render_fault(const Fault& fault, std::string& body) override;

  // One line a route; a table in admin_api.cc.
  runtime::Task<Result<Reply>> apply(AdminCall call);
  runtime::Task<Result<Reply>> list_resources(AdminCall call);
  runtime::Task<Result<Reply>> get_resource(AdminCall call);
  runtime::Task<Result<Reply>> delete_resource(AdminCall call);
  runtime::Task<Result<Reply>> list_worlds(AdminCall call);
  runtime::Task<Result<Reply>> get_current_world(AdminCall call);
  runtime::Task<Result<Reply>> list_gateways(AdminCall call);
  runtime::Task<Result<Reply>> get_parity(AdminCall call);
  runtime::Task<Result<Reply>> get_parity_history(AdminCall call);
  runtime::Task<Result<Reply>> get_products(AdminCall call);
  runtime::Task<Result<Reply>> get_catalogue(AdminCall call);
  runtime::Task<Result<Reply>> list_keys(AdminCall call);
  runtime::Task<Result<Reply>> create_key(AdminCall call);
  runtime::Task<Result<Reply>> revoke_key(AdminCall call);
  runtime::Task<Result<Reply>> list_restrictions(AdminCall call);
  runtime::Task<Result<Reply>> add_restriction(AdminCall call);
  runtime::Task<Result<Reply>> lift_restriction(AdminCall call);
  runtime::Task<Result<Reply>> rotate_zone_key(AdminCall call);
  runtime::Task<Result<Reply>> list_tokens(AdminCall call);
  runtime::Task<Result<Reply>> create_token(AdminCall call);
  runtime::Task<Result<Reply>> revoke_token(AdminCall call);
  runtime::Task<Result<Reply>> list_machines(AdminCall call);
  runtime::Task<Result<Reply>> revoke_machine(AdminCall call);
  runtime::Task<Result<Reply>> join(AdminCall call);
  runtime::Task<Result<Reply>> list_audit(AdminCall call);
  runtime::Task<Result<Reply>> get_backup(AdminCall call);
  runtime::Task<Result<Reply>> get_restore(AdminCall call);
  runtime::Task<Result<Reply>> finish_restore(AdminCall call);
  runtime::Task<Result<Reply>> get_rollout(AdminCall call);
  runtime::Task<Result<Reply>> pause_rollout(AdminCall call);
  runtime::Task<Result<Reply>> resume_rollout(AdminCall call);
  runtime::Task<Result<Reply>> roll_back(AdminCall call);
  runtime::Task<Result<Reply>> get_golden(AdminCall call);
  runtime::Task<Result<Reply>> run_golden(AdminCall call);
  runtime::Task<Result<Reply>> open_place(AdminCall call);
  runtime::Task<Result<Reply>> list_openings(AdminCall call);
  runtime::Task<Result<Reply>> get_opening(AdminCall call);
  runtime::Task<Result<Reply>> stop_opening(AdminCall call);
  runtime::Task<Result<Reply>> resume_opening(AdminCall call);
  runtime::Task<Result<Reply>> drain_opening(AdminCall call);
  runtime::Task<Result<Reply>> close_opening(AdminCall call);
  runtime::Task<Result<Reply>> reopen_opening(AdminCall call);
  runtime::Task<Result<Reply>> get_usage(AdminCall call);
  runtime::Task<Result<Reply>> get_usage_gaps(AdminCall call);
  runtime::Task<Result<Reply>> get_usage_conflicts(AdminCall call);
  runtime::Task<Result<Reply>> healthz(AdminCall call);
  runtime::Task<Result<Reply>> readyz(AdminCall call);
  runtime::Task<Result<Reply>> metrics(AdminCall call);

 private:
  runtime::Task<Result<Reply>> reply_to(http::Exchange& exchange, std::string request_id);
  Status check_admin(const wire::RequestHead& head) const;
  runtime::Task<Result<Reply>> change_rollout(RolloutWish wish, AdminCall call);
  Reply opening_reply(const OpeningRecord& record) const;
  Result<Reply> applied_reply(const Applied& applied, std::string_view request_id) const;

  runtime::Shard& shard_;
  Control& control_;
  Parts parts_;
  Webhook* webhook_ = nullptr;
  http::RequestIds ids_;
};

}  // namespace portolan::control
