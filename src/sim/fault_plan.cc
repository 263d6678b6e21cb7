#include "sim/fault_plan.h"

#include <utility>

namespace portolan::sim {
namespace {

using engines::FaultOrder;
using virtual_time::DiskTrouble;
using Kind = FaultStep::Kind;

constexpr std::array calm_kinds = {Kind::order_engine, Kind::order_engine, Kind::order_engine,
                                   Kind::kill_engine,  Kind::kill_control, Kind::jump_clock,
                                   Kind::change_world, Kind::revoke};
constexpr std::array stormy_kinds = {
    Kind::order_engine, Kind::order_engine,   Kind::order_engine, Kind::kill_engine,
    Kind::kill_gateway, Kind::cut_power,      Kind::pause_gateway, Kind::roll_back_disk,
    Kind::trouble_disk, Kind::jump_clock,     Kind::kill_control, Kind::cut_hop,
    Kind::cut_hop,      Kind::delay_hop,      Kind::part,         Kind::part_one_way,
    Kind::change_world, Kind::change_world,   Kind::drain,        Kind::revoke};
constexpr std::size_t steps_of_a_calm_plan = 12;
constexpr std::size_t steps_of_a_stormy_plan = 14;
constexpr double chance_of_chance = 0.5;  // that a storm's network fails by chance, too

Duration below(Duration span, Random& random) {
  return Duration::milliseconds(
      static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(span.milliseconds()))));
}

FaultOrder draw_order(Random& random) {
  FaultOrder order;
  switch (random.below(6)) {
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
    case 4:
      order.kind = FaultOrder::Kind::slow;
      order.factor = 2 + 8 * random.fraction();
      break;
    default:
      order.kind = FaultOrder::Kind::health;
      order.health = static_cast<FaultOrder::Health>(random.below(3));
      order.count = 1 + random.below(4);
      break;
  }
  return order;
}

std::string any_gateway(const Atlas& atlas, Random& random) {
  return gateway_name(random.below(atlas.zones.size()));
}

// Two machines that talk to each other.
void draw_pair(FaultStep& step, const Atlas& atlas, Random& random) {
  const std::size_t zone = random.below(atlas.zones.size());
  const std::size_t next = (zone + 1 + random.below(atlas.zones.size() - 1)) % atlas.zones.size();
  step.one = gateway_name(zone);
  switch (random.below(8)) {
    case 0:
    case 1:
      step.other = "control";
      break;
    case 2:
      step.other = engine_name(zone);
      break;
    case 3:
      step.other = "client";
      break;
    default:
      step.other = gateway_name(next);
      break;
  }
  if (random.chance(0.5)) std::swap(step.one, step.other);
}

// Half of them within what two clocks may differ by.
Duration draw_clock_error(Random& random) {
  const Duration bound = random.chance(0.5)   ? small_clock_error
                         : random.chance(0.8) ? Duration::seconds(60)
                                              : Duration::hours(48);
  const Duration error = below(bound, random);
  return random.chance(0.5) ? error : error * -1;
}

FaultStep draw_step(Kind kind, const Atlas& atlas, Random& random) {
  FaultStep step;
  step.kind = kind;
  step.at = below(load_time, random);
  step.span = Duration::milliseconds(500) + below(Duration::seconds(4), random);
  step.zone = random.below(atlas.zones.size());
  switch (kind) {
    case Kind::order_engine:
      step.order = draw_order(random);
      break;
    case Kind::cut_hop:
    case Kind::delay_hop:
      step.one = gateway_name(step.zone);
      do {
        step.other = any_gateway(atlas, random);
      } while (step.other == step.one);
      step.amount = Duration::milliseconds(100) + below(Duration::seconds(2), random);
      break;
    case Kind::part:
    case Kind::part_one_way:
      draw_pair(step, atlas, random);
      break;
    case Kind::jump_clock:
      step.amount = draw_clock_error(random);
      break;
    case Kind::trouble_disk:
      step.trouble = static_cast<DiskTrouble>(1 + random.below(3));
      break;
    case Kind::change_world:
      step.back = random.chance(0.5);
      break;
    default:
      break;
  }
  return step;
}

FaultPlan draw_calm_plan(const Atlas& atlas, Random& random) {
  FaultPlan plan;
  plan.network.delivery_delayed = 0.05;
  plan.network.delay_max = Duration::milliseconds(100);
  plan.network.short_read = 0.1;
  for (std::size_t i = 0; i < steps_of_a_calm_plan; ++i) {
    plan.steps.push_back(draw_step(calm_kinds[random.below(calm_kinds.size())], atlas, random));
  }
  return plan;
}

FaultPlan draw_stormy_plan(const Atlas& atlas, Random& random) {
  FaultPlan plan;
  plan.by_chance = random.chance(chance_of_chance);
  if (plan.by_chance) {
    plan.network.connect_refused = 0.02 * random.fraction();
    plan.network.connect_lost = 0.02 * random.fraction();
    plan.network.connection_reset = 0.004 * random.fraction();
    plan.network.connection_lost = 0.004 * random.fraction();
  }
  plan.network.delivery_delayed = 0.05 * random.fraction();
  plan.network.short_read = 0.2 * random.fraction();
  for (std::size_t i = 0; i < steps_of_a_stormy_plan; ++i) {
    plan.steps.push_back(draw_step(stormy_kinds[random.below(stormy_kinds.size())], atlas, random));
  }
  return plan;
}

}  // namespace

FaultPlan draw_plan(Mood mood, const Atlas& atlas, Random& random) {
  switch (mood) {
    case Mood::quiet:
      return {};
    case Mood::calm:
      return draw_calm_plan(atlas, random);
    case Mood::stormy:
      return draw_stormy_plan(atlas, random);
  }
  std::unreachable();
}

}  // namespace portolan::sim
