#include "runtime/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

namespace portolan::runtime {

Signals::Signals(EpollShard& shard, std::initializer_list<int> numbers)
    : shard_(shard), arrived_(shard) {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : numbers) sigaddset(&set, number);
  check(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0, "the signal mask is refused");
  descriptor_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  check(descriptor_ >= 0, "no descriptor for signals");
  const Status watched = shard_.watch(descriptor_, *this);
  check(watched.has_value(), "signals cannot be watched");
}

Signals::~Signals() {
  shard_.forget(descriptor_, *this);
  close(descriptor_);
}

void Signals::on_ready(Readiness) { arrived_.notify_all(); }

Task<Result<int>> Signals::wait() {
  for (;;) {
    signalfd_siginfo info{};
    if (read(descriptor_, &info, sizeof info) == sizeof info) {
      co_return static_cast<int>(info.ssi_signo);
    }
    CO_TRY_DO(co_await arrived_.wait());
  }
}

}  // namespace portolan::runtime
