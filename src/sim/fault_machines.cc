#include <cstdlib>
#include <utility>

#include "sim/fault_play.h"
#include "sim/scenario_times.h"

namespace portolan::sim {
namespace {

using seal::DocumentKind;

}  // namespace

runtime::Task<void> FaultPlay::bring_back(Process& process) {
  for (int tries = 0; tries < 40; ++tries) {
    if (!process.running()) process.start();
    co_await wait(Duration::milliseconds(500));
    if (process.running()) co_return;
  }
}

runtime::Task<void> FaultPlay::kill_engine(FaultStep step) {
  Process& engine = *network_.zone(step.zone).engine;
  if (!engine.running()) co_return;
  const std::vector harms = {weather_.begin(engine_name(step.zone), now())};
  count(name_of(step));
  co_await engine.kill();
  co_await wait(step.span);
  co_await bring_back(engine);
  end_harms(harms, now());
}

runtime::Task<void> FaultPlay::kill_gateway(FaultStep step) {
  Process& gateway = *network_.zone(step.zone).gateway;
  if (!gateway.running()) co_return;
  const std::vector harms = {weather_.begin(gateway_name(step.zone), now())};
  count(name_of(step));
  co_await gateway.kill();
  co_await wait(step.span);
  co_await bring_back(gateway);
  end_harms(harms, now());
}

runtime::Task<void> FaultPlay::cut_power(FaultStep step) {
  Process& gateway = *network_.zone(step.zone).gateway;
  if (!gateway.running()) co_return;
  const std::vector harms = {weather_.begin(gateway_name(step.zone), now())};
  count(name_of(step));
  co_await gateway.lose_power();
  co_await wait(step.span);
  co_await bring_back(gateway);
  end_harms(harms, now());
}

runtime::Task<void> FaultPlay::pause_gateway(FaultStep step) {
  const ZoneSite& site = network_.zone(step.zone);
  if (!site.gateway->running() || site.gateway_machine->is_paused()) co_return;
  const std::vector harms = {weather_.begin(gateway_name(step.zone), now())};
  count(name_of(step));
  network_.universe().pause(*site.gateway_machine);
  co_await wait(step.span);
  network_.universe().resume(*site.gateway_machine);
  end_harms(harms, now());
}

// The oldest ones that the network has seen, in place of those that the gateway
// kept; what it has written down of the highest it saw stays.
bool FaultPlay::put_older_documents(std::size_t zone) {
  auto& files = network_.zone(zone).gateway_machine->disk().files();
  bool changed = false;
  for (const DocumentKind kind :
       {DocumentKind::world, DocumentKind::keyring, DocumentKind::restrictions}) {
    const auto& kept = network_.old_control().kept(kind);
    if (kept.size() < 2) continue;
    for (const std::string_view copy : {".1", ".2"}) {
      const auto path =
          "/gateway/last-good/" + std::string(seal::name_of(kind)) + std::string(copy);
      const auto file = files.find(path);
      if (file == files.end() || file->second == kept.front()) continue;
      file->second = kept.front();
      changed = true;
    }
  }
  return changed;
}

runtime::Task<void> FaultPlay::roll_back_disk(FaultStep step) {
  Process& gateway = *network_.zone(step.zone).gateway;
  if (!gateway.running()) co_return;
  const std::vector harms = {weather_.begin(gateway_name(step.zone), now())};
  co_await gateway.kill();
  if (put_older_documents(step.zone)) count(name_of(step));
  co_await wait(step.span);
  co_await bring_back(gateway);
  // It waits for control.
  end_harms(harms, now() + news_time);
}

runtime::Task<void> FaultPlay::trouble_disk(FaultStep step) {
  virtual_time::VirtualDisk& disk = network_.zone(step.zone).gateway_machine->disk();
  const std::vector harms = {weather_.begin(gateway_name(step.zone), now())};
  disk.set_trouble(step.trouble);
  co_await wait(step.span);
  disk.set_trouble(virtual_time::DiskTrouble::none);
  // A disk that did not keep what it was given is trusted by a new process alone.
  if (step.trouble == virtual_time::DiskTrouble::sync_fails) {
    Process& gateway = *network_.zone(step.zone).gateway;
    co_await gateway.kill();
    co_await bring_back(gateway);
  }
  end_harms(harms, now());
}

void FaultPlay::set_clock(std::size_t zone, Duration error) {
  virtual_time::VirtualShard& machine = *network_.zone(zone).gateway_machine;
  if (machine.clock_error() == error) return;
  machine.set_clock_error(error);
  clocks_.note(machine.name(), now(), error);
}

runtime::Task<void> FaultPlay::jump_clock(FaultStep step) {
  const bool small = std::abs(step.amount.ns) <= small_clock_error.ns;
  std::vector<Weather::Harm> harms;
  if (!small) harms.push_back(weather_.begin(gateway_name(step.zone), now()));
  count(name_of(step));
  set_clock(step.zone, step.amount);
  co_await wait(step.span);
  set_clock(step.zone, {});
  // By a clock that was far ahead its Keyring was too old for it.
  end_harms(harms, now() + news_time);
}

runtime::Task<void> FaultPlay::kill_control(FaultStep step) {
  Process& control = network_.control();
  if (!control.running()) co_return;
  count(name_of(step));
  co_await control.kill();
  co_await wait(step.span);
  co_await bring_back(control);
}

// An order stands until an execution, or enough probes, have met it.
runtime::Task<void> FaultPlay::order_engine(FaultStep step) {
  const ZoneSite& site = network_.zone(step.zone);
  if (site.sim == nullptr || !network_.atlas().zones[step.zone].deployed) co_return;
  const std::vector harms = {weather_.begin(engine_name(step.zone), now())};
  const std::size_t kills = site.engine->kills();
  site.sim->engines().front()->state().faults.add(step.order, now());
  if (step.order.kind == engines::FaultOrder::Kind::health) {
    count(name_of(step));
    co_await wait(step.span);
    end_harms(harms, now() + recovery_time);
    co_return;
  }
  // Orders of several steps may stand; who looks cannot tell which one was taken.
  for (int looks = 0; looks < 40 && site.engine->kills() == kills; ++looks) {
    if (site.sim != nullptr && !site.sim->engines().front()->state().faults.awaits_execution()) {
      count(name_of(step));
      end_harms(harms, now());
      co_return;
    }
    co_await wait(Duration::milliseconds(500));
  }
  if (site.engine->kills() != kills) end_harms(harms, now());
}

}  // namespace portolan::sim
