#include "sim/fault_plan.h"

#include <utility>

namespace portolan::sim {
namespace {

using engines::FaultOrder;
using Kind = FaultStep::Kind;

constexpr std::size_t orders_of_a_calm_plan = 8;
constexpr std::size_t steps_of_a_stormy_plan = 14;

Duration below(Duration span, Random& random) {
  return Duration::milliseconds(
      static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(span.milliseconds()))));
}

FaultOrder draw_order(Mood mood, Random& random) {
  FaultOrder order;
  // A silent engine whose health is good is no failure (a slow prefill is not).
  switch (random.below(mood == Mood::calm ? 3 : 5)) {
    case 0:
      order.kind = FaultOrder::Kind::status;
      order.status = random.chance(0.5) ? 500 : 503;
      break;
    case 1:
      order.kind = FaultOrder::Kind::reset_after;
      order.tokens = random.below(6);
      break;
    case 2:
      order.kind = FaultOrder::Kind::malformed;
      order.malformed = static_cast<FaultOrder::Malformed>(random.below(4));
      break;
    case 3:
      order.kind = FaultOrder::Kind::hang;
      break;
    default:
      order.kind = FaultOrder::Kind::health;
      order.health = static_cast<FaultOrder::Health>(random.below(3));
      order.count = 1 + random.below(4);
      break;
  }
  return order;
}

FaultStep draw_step(Kind kind, Mood mood, Random& random) {
  FaultStep step;
  step.kind = kind;
  step.at = below(load_time, random);
  step.span = Duration::milliseconds(500) + below(Duration::seconds(4), random);
  step.zone = mood == Mood::calm ? 0 : random.below(2);
  if (kind == Kind::order_engine) step.order = draw_order(mood, random);
  return step;
}

FaultPlan draw_calm_plan(Random& random) {
  FaultPlan plan;
  plan.network.delivery_delayed = 0.05;
  plan.network.delay_max = Duration::milliseconds(100);
  plan.network.short_read = 0.1;
  for (std::size_t i = 0; i < orders_of_a_calm_plan; ++i) {
    plan.steps.push_back(draw_step(Kind::order_engine, Mood::calm, random));
  }
  for (const Kind kind : {Kind::kill_engine, Kind::kill_engine, Kind::cut_control, Kind::revoke}) {
    plan.steps.push_back(draw_step(kind, Mood::calm, random));
  }
  return plan;
}

FaultPlan draw_stormy_plan(Random& random) {
  FaultPlan plan;
  plan.network.connect_refused = 0.02 * random.fraction();
  plan.network.connect_lost = 0.02 * random.fraction();
  plan.network.connection_reset = 0.004 * random.fraction();
  plan.network.connection_lost = 0.004 * random.fraction();
  plan.network.delivery_delayed = 0.05 * random.fraction();
  plan.network.short_read = 0.2 * random.fraction();
  for (std::size_t i = 0; i < steps_of_a_stormy_plan; ++i) {
    const auto kind = static_cast<Kind>(random.below(6));
    plan.steps.push_back(
        draw_step(random.chance(0.4) ? Kind::order_engine : kind, Mood::stormy, random));
  }
  return plan;
}

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

}  // namespace

FaultPlan draw_plan(Mood mood, Random& random) {
  switch (mood) {
    case Mood::quiet:
      return {};
    case Mood::calm:
      return draw_calm_plan(random);
    case Mood::stormy:
      return draw_stormy_plan(random);
  }
  std::unreachable();
}

std::string_view name_of(const FaultStep& step) {
  switch (step.kind) {
    case Kind::order_engine:
      return name_of_order(step.order);
    case Kind::kill_engine:
    case Kind::kill_gateway:
      return "process_killed";
    case Kind::cut_control:
      return "control_cut_off";
    case Kind::drain:
      return "zone_drained";
    case Kind::revoke:
      return "key_revoked";
  }
  std::unreachable();
}

}  // namespace portolan::sim
