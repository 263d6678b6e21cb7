#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/shard.h"
#include "runtime/task.h"

namespace portolan::runtime {

class EpollShard;
class WorkerThreads;

// What epoll reported. `ended`: the peer has sent its last byte, so that every
// read from now on gets bytes or the end without waiting.
struct Readiness {
  bool readable = false;
  bool writable = false;
  bool ended = false;
};

// A descriptor that an EpollShard watches. Registered once, edge-triggered, for
// both directions.
class Watched {
 public:
  virtual void on_ready(Readiness readiness) = 0;

 protected:
  ~Watched() = default;
};

// The real event loop: edge-triggered epoll on one thread, monotonic and system
// clocks, the kernel's network and disk, and a few helper threads for offload().
class EpollShard final : public Shard {
 public:
  EpollShard();
  ~EpollShard() override;

  Instant now() const override { return now_; }
  WallTime wall_now() const override;
  Network& network() override { return *network_; }
  Disk& disk() override { return *disk_; }
  void fill_secret(std::span<unsigned char> bytes) override;
  // To standard error, with the date.
  void report(std::string_view sentence) override;
  void start_offload(OffloadedWork& work) override;
  void assert_here() const override;

  // Runs `work` and everything it starts; returns when it has ended.
  void run(Task<void> work);

  // Calls `work` here soon; from any thread. The only bridge between shards.
  void call(std::move_only_function<void()> work);

#ifdef PORTOLAN_TEST_SEAMS
  // Before anything listens or connects: every byte received goes to a file there.
  void record_received(const std::string& folder);
#endif

  // Watches until forget(). The descriptor stays open while it is watched.
  Status watch(int descriptor, Watched& watched);
  void forget(int descriptor, Watched& watched);

 private:
  void turn();
  void read_clock();
  int wait_milliseconds() const;
  void run_calls();

  Instant now_;
  int epoll_ = -1;
  int wake_ = -1;
  std::thread::id thread_;
  std::unique_ptr<Network> network_;
  std::unique_ptr<Disk> disk_;
  std::unique_ptr<WorkerThreads> workers_;
  std::vector<Watched*> forgotten_;  // during this turn: their pending events are stale

  std::mutex calls_mutex_;
  std::vector<std::move_only_function<void()>> calls_;
};

}  // namespace portolan::runtime
