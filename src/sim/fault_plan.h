#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "engines/sim_faults.h"
#include "sim/atlas.h"
#include "virtual/faults.h"
#include "virtual/virtual_disk.h"

namespace portolan::sim {

// How hard a scenario is on its network.
enum class Mood : std::uint8_t {
  quiet,   // nothing goes wrong
  calm,    // engines, control, clocks and Worlds fail; the network and gateways hold
  stormy,  // everything, everywhere
};

// Something that is done to the network at a moment of the load.
struct FaultStep {
  enum class Kind : std::uint8_t {
    order_engine,
    kill_engine,
    kill_gateway,
    cut_power,       // of a gateway's machine
    pause_gateway,
    roll_back_disk,  // the gateway is killed, and its documents are older when it is back
    trouble_disk,    // of a gateway
    jump_clock,      // of a gateway
    kill_control,
    cut_hop,         // every connection between two gateways
    delay_hop,
    part,            // two machines, both ways
    part_one_way,
    change_world,
    drain,
    revoke
  };

  Kind kind = Kind::order_engine;
  Duration at;
  Duration span;          // until it is over, where it has an end
  std::size_t zone = 0;
  std::string one;        // machines of a part, or of a hop
  std::string other;
  Duration amount;        // of a delay, of a clock's error
  bool back = false;      // to the edition before
  virtual_time::DiskTrouble trouble = virtual_time::DiskTrouble::none;
  engines::FaultOrder order;
};

struct FaultPlan {
  virtual_time::Faults network;  // its probabilities
  bool by_chance = false;        // whether connections fail by them
  std::vector<FaultStep> steps;
};

// During which steps begin.
inline constexpr Duration load_time = Duration::seconds(20);

FaultPlan draw_plan(Mood mood, const Atlas& atlas, Random& random);

// What a step is called in counts and traces: engine_hang, gateway_killed ...
std::string_view name_of(const FaultStep& step);

// A clock further off than this is more than two machines may differ by.
inline constexpr Duration small_clock_error = Duration::seconds(2);

// Every name that the stormy seeds of a run must show.
inline constexpr std::array named_faults = {
    std::string_view("connect_refused"),  std::string_view("connect_lost"),
    std::string_view("connection_reset"), std::string_view("connection_lost"),
    std::string_view("delivery_delayed"), std::string_view("short_read"),
    std::string_view("engine_killed"),    std::string_view("engine_hang"),
    std::string_view("engine_status"),    std::string_view("engine_reset"),
    std::string_view("engine_slow"),      std::string_view("engine_malformed"),
    std::string_view("engine_health"),    std::string_view("gateway_killed"),
    std::string_view("gateway_paused"),   std::string_view("machine_died"),
    std::string_view("hop_cut"),          std::string_view("hop_delayed"),
    std::string_view("partition"),        std::string_view("partition_one_way"),
    std::string_view("clock_jumped"),     std::string_view("clock_jumped_far"),
    std::string_view("disk_failed"),      std::string_view("disk_full"),
    std::string_view("disk_sync_failed"), std::string_view("disk_rolled_back"),
    std::string_view("control_killed"),   std::string_view("world_rolled_forward"),
    std::string_view("world_rolled_back"), std::string_view("document_replayed"),
    std::string_view("document_forged"),  std::string_view("rule_date_passed"),
    std::string_view("zone_drained"),     std::string_view("key_revoked"),
    std::string_view("client_vanished")};

}  // namespace portolan::sim
