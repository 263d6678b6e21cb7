#include "sim/process.h"

#include "virtual/universe.h"

namespace portolan::sim {

runtime::Task<void> Process::run(Process& process) {
  auto program = process.program_(process.stop_);
  process.outcome_ = co_await std::move(program);
}

void Process::start() {
  check(!running(), "a process that runs is not started");
  if (machine_.is_cut_off()) machine_.universe().restore(machine_);
  gate_ = std::make_unique<runtime::Gate>(machine_, 1);
  gate_->start(run(*this));
}

runtime::Task<void> Process::end() {
  ++kills_;
  co_await gate_->close();
  outcome_ = {};
}

runtime::Task<void> Process::kill() {
  if (!running()) co_return;
  machine_.universe().cut_off(machine_);
  co_await end();
}

runtime::Task<void> Process::lose_power() {
  if (!running()) co_return;
  machine_.universe().cut_power(machine_);
  co_await end();
}

runtime::Task<void> Process::stop() {
  if (!running()) co_return;
  stop_.notify_all();
  co_await gate_->drain();
}

}  // namespace portolan::sim
