#include "runtime/epoll_shard.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>

#include "runtime/detached.h"
#include "runtime/kernel_disk.h"
#include "runtime/kernel_network.h"
#include "runtime/recording_network.h"
#include "runtime/worker_threads.h"

namespace portolan::runtime {
namespace {

constexpr std::size_t events_per_turn = 256;
constexpr std::size_t worker_threads_max = 4;

std::int64_t read_clock_ns(clockid_t clock) {
  timespec time{};
  check(clock_gettime(clock, &time) == 0, "the clock does not answer");
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void fill_random(void* into, std::size_t bytes) {
  auto* at = static_cast<unsigned char*>(into);
  while (bytes > 0) {
    const ssize_t got = getrandom(at, bytes, 0);
    if (got < 0 && errno == EINTR) continue;
    check(got > 0, "no randomness");
    at += got;
    bytes -= static_cast<std::size_t>(got);
  }
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  fill_random(&seed, sizeof seed);
  return seed;
}

}  // namespace

EpollShard::EpollShard()
    : Shard(random_seed()),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_(std::this_thread::get_id()),
      network_(std::make_unique<KernelNetwork>(*this)),
      disk_(std::make_unique<KernelDisk>()),
      workers_(std::make_unique<WorkerThreads>(worker_threads_max)) {
  check(epoll_ >= 0 && wake_ >= 0, "no descriptors for an event loop");
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = nullptr;
  check(epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) == 0, "epoll refuses its own eventfd");
  read_clock();
}

EpollShard::~EpollShard() {
  workers_.reset();
  close(wake_);
  close(epoll_);
}

#ifdef PORTOLAN_TEST_SEAMS
void EpollShard::record_received(const std::string& folder) {
  network_ = std::make_unique<RecordingNetwork>(std::move(network_), folder);
}
#endif

void EpollShard::read_clock() { now_ = {read_clock_ns(CLOCK_MONOTONIC)}; }

WallTime EpollShard::wall_now() const { return {read_clock_ns(CLOCK_REALTIME)}; }

void EpollShard::fill_secret(std::span<unsigned char> bytes) {
  fill_random(bytes.data(), bytes.size());
}

void EpollShard::report(std::string_view sentence) {
  const std::time_t seconds = std::time(nullptr);
  std::tm date{};
  gmtime_r(&seconds, &date);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &date);
  std::fprintf(stderr, "%s %.*s\n", text.data(), static_cast<int>(sentence.size()),
               sentence.data());
}

void EpollShard::assert_here() const {
  check(std::this_thread::get_id() == thread_, "a shard is touched from its own thread alone");
}

void EpollShard::start_offload(OffloadedWork& work) {
  workers_->run([this, &work] {
    work.run();
    call([this, &work] { make_ready(work); });
  });
}

void EpollShard::call(std::move_only_function<void()> work) {
  const std::lock_guard lock(calls_mutex_);
  calls_.push_back(std::move(work));
  const std::uint64_t one = 1;
  // A full counter means that a wake-up is pending already. Under the lock, so
  // that the shard cannot be gone between the two.
  (void)!write(wake_, &one, sizeof one);
}

void EpollShard::run_calls() {
  std::uint64_t count = 0;
  (void)!read(wake_, &count, sizeof count);
  std::vector<std::move_only_function<void()>> calls;
  {
    const std::lock_guard lock(calls_mutex_);
    calls.swap(calls_);
  }
  for (auto& work : calls) work();
}

Status EpollShard::watch(int descriptor, Watched& watched) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &watched;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) {
    return Fault{Code::limit_exceeded, Retry::elsewhere, "the system watches no more descriptors"};
  }
  return {};
}

void EpollShard::forget(int descriptor, Watched& watched) {
  epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
  forgotten_.push_back(&watched);
}

int EpollShard::wait_milliseconds() const {
  if (has_ready()) return 0;
  const Instant soonest = timers().soonest();
  if (soonest == Instant::never()) return -1;
  const std::int64_t left = (soonest - now_).ns;
  if (left <= 0) return 0;
  // Rounded up: a timer never fires early.
  return static_cast<int>(std::min<std::int64_t>((left + 999'999) / 1'000'000, 3'600'000));
}

void EpollShard::turn() {
  std::array<epoll_event, events_per_turn> events;
  const int count =
      epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_milliseconds());
  check(count >= 0 || errno == EINTR, "epoll_wait failed");
  read_clock();
  forgotten_.clear();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.ptr == nullptr) {
      run_calls();
      continue;
    }
    auto* watched = static_cast<Watched*>(event.data.ptr);
    if (std::ranges::find(forgotten_, watched) != forgotten_.end()) continue;
    const bool broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
    const bool ended = broken || (event.events & EPOLLRDHUP) != 0;
    watched->on_ready({.readable = ended || (event.events & EPOLLIN) != 0,
                       .writable = broken || (event.events & EPOLLOUT) != 0,
                       .ended = ended});
  }
  run_due_timers();
  run_ready();
}

void EpollShard::run(Task<void> work) {
  assert_here();
  bool ended = false;
  constexpr auto run_root = [](Task<void> root, bool& flag) -> detail::Detached {
    co_await std::move(root);
    flag = true;
  };
  run_root(std::move(work), ended);
  while (!ended) turn();
  // What the root let go may still wait to hear that its last operation was ended.
  while (has_ready()) run_ready();
}

}  // namespace portolan::runtime
