#include "app/pause.h"

#include "runtime/epoll_shard.h"
#include "runtime/wait.h"

namespace portolan::app {
namespace {

runtime::Task<void> sleep_on(runtime::EpollShard& shard, Duration duration) {
  // Nobody calls it off.
  const Status slept = co_await runtime::sleep_for(shard, duration);
  (void)slept;
}

}  // namespace

void pause_for(Duration duration) {
  runtime::EpollShard shard;
  shard.run(sleep_on(shard, duration));
}

}  // namespace portolan::app
