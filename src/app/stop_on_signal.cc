#include "app/stop_on_signal.h"

#include "runtime/wait.h"

namespace portolan::app {

runtime::Task<void> stop_on_signal(runtime::EpollShard& shard, runtime::Signals& signals,
                                   runtime::Event& stop) {
  constexpr Duration again_after = Duration::milliseconds(100);
  const auto number = co_await signals.wait();
  bool ended = !number.has_value();
  while (!ended) {
    stop.notify_all();
    const Status slept = co_await runtime::sleep_for(shard, again_after);
    ended = !slept.has_value();
  }
}

}  // namespace portolan::app
