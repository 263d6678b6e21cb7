#include <cstdlib>
#include <utility>

#include "sim/fault_plan.h"

namespace portolan::sim {
namespace {

using engines::FaultOrder;
using virtual_time::DiskTrouble;
using Kind = FaultStep::Kind;

std::string_view name_of_order(const FaultOrder& order) {
  switch (order.kind) {
    case FaultOrder::Kind::status:
      return "engine_status";
    case FaultOrder::Kind::hang:
      return "engine_hang";
    case FaultOrder::Kind::reset_after:
      return "engine_reset";
    case FaultOrder::Kind::malformed:
      return "engine_malformed";
    case FaultOrder::Kind::slow:
      return "engine_slow";
    case FaultOrder::Kind::accept_stall:
      return "engine_accept_stall";
    case FaultOrder::Kind::health:
      return "engine_health";
  }
  std::unreachable();
}

std::string_view name_of_trouble(DiskTrouble trouble) {
  switch (trouble) {
    case DiskTrouble::none:
      return "disk_whole";
    case DiskTrouble::refuses:
      return "disk_failed";
    case DiskTrouble::full:
      return "disk_full";
    case DiskTrouble::sync_fails:
      return "disk_sync_failed";
  }
  std::unreachable();
}

std::string_view name_of_jump(Duration error) {
  const bool far = std::abs(error.ns) > small_clock_error.ns;
  return far ? "clock_jumped_far" : "clock_jumped";
}

}  // namespace

std::string_view name_of(const FaultStep& step) {
  switch (step.kind) {
    case Kind::order_engine:
      return name_of_order(step.order);
    case Kind::kill_engine:
      return "engine_killed";
    case Kind::kill_gateway:
      return "gateway_killed";
    case Kind::cut_power:
      return "machine_died";
    case Kind::pause_gateway:
      return "gateway_paused";
    case Kind::roll_back_disk:
      return "disk_rolled_back";
    case Kind::trouble_disk:
      return name_of_trouble(step.trouble);
    case Kind::jump_clock:
      return name_of_jump(step.amount);
    case Kind::kill_control:
      return "control_killed";
    case Kind::cut_hop:
      return "hop_cut";
    case Kind::delay_hop:
      return "hop_delayed";
    case Kind::part:
      return "partition";
    case Kind::part_one_way:
      return "partition_one_way";
    case Kind::change_world:
      return step.back ? "world_rolled_back" : "world_rolled_forward";
    case Kind::drain:
      return "zone_drained";
    case Kind::revoke:
      return "key_revoked";
  }
  std::unreachable();
}

}  // namespace portolan::sim
