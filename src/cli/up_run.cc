#include "cli/up_run.h"

#include <csignal>
#include <utility>

#include "cli/up_lock.h"
#include "cli/up_network.h"
#include "cli/up_prepare.h"
#include "cli/up_print.h"
#include "runtime/combine.h"

namespace portolan::cli {
namespace {

// That the operator wants an end. A signal may come before anybody waits.
class Stop {
 public:
  explicit Stop(runtime::Shard& shard) : told_(shard) {}

  bool wanted() const { return wanted_; }
  void want() {
    wanted_ = true;
    told_.notify_all();
  }
  runtime::Task<Status> wait() {
    if (wanted_) co_return Status{};
    auto told = co_await told_.wait();
    co_return told;
  }

 private:
  runtime::Event told_;
  bool wanted_ = false;
};

runtime::Task<void> follow_signals(runtime::Signals& signals, UpNetwork& network, Stop& stop) {
  for (;;) {
    const auto number = co_await signals.wait();
    if (!number) co_return;
    if (*number == SIGCHLD) {
      network.supervisor().take_ends();
    } else if (stop.wanted()) {
      network.supervisor().kill_all();
    } else {
      stop.want();
    }
  }
}

runtime::Task<Status> live(UpNetwork& network) {
  CO_TRY_DO(co_await network.bring_up());
  co_await network.stay_up();
  co_return Status{};
}

}  // namespace

runtime::Task<Status> run_up(runtime::EpollShard& shard, runtime::Signals& signals,
                             UpOptions& options) {
  CO_TRY(const Home home, prepare_home(shard, options));
  CO_TRY(const HomeLock lock, HomeLock::take(home.lock()));
  CO_TRY(const Programs programs, find_programs(options, home));
  CO_TRY(Plan plan, prepare_up(shard, options, home, programs));

  UpNetwork network(shard, options, home, std::move(plan));
  Stop stop(shard);
  runtime::Gate beside(shard, 1);
  beside.start(follow_signals(signals, network, stop));
  auto living = live(network);
  auto stopping = stop.wait();
  auto raced = co_await runtime::race(std::move(living), std::move(stopping));
  const bool failed = !stop.wanted() && raced.first && !*raced.first;
  if (!failed) network.console().say("\nending; what is being served may take a moment\n");
  co_await network.close();
  co_await beside.close();
  if (failed) co_return *raced.first;
  co_return Status{};
}

Status print_up(runtime::EpollShard& shard, const UpOptions& options) {
  TRY(const Home home, prepare_home(shard, options));
  TRY(const Programs programs, find_programs(options, home));
  TRY(const Plan plan, prepare_up(shard, options, home, programs));
  Console console(Console::Style::plain);
  for (const std::string& line : render_commands(plan, home, programs)) console.say(line + "\n");
  return {};
}

}  // namespace portolan::cli
