#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "runtime/task.h"
#include "virtual/faults.h"
#include "virtual/links.h"

namespace portolan::virtual_time {

class VirtualShard;
class VirtualListener;
class Connection;

// Bytes that reached a machine, whoever reads them there.
struct Delivery {
  std::uint64_t connection = 0;
  const VirtualShard& from;
  const VirtualShard& to;
  Instant sent;
  std::string_view bytes;
};

// A network of machines in virtual time: one thread, one order of events, one
// seed. What runs on it is the real program on another Shard; what happens is
// decided by the seed alone, so a run can be repeated to the byte.
//
// Time stands still while anything is ready and then jumps to the next event.
// Lives on: one thread.  Owner: the test or scenario. Machines live as long.
class Universe {
 public:
  explicit Universe(std::uint64_t seed);
  ~Universe();
  Universe(const Universe&) = delete;
  Universe& operator=(const Universe&) = delete;

  // A machine with a clock, a network address and a disk of its own.
  VirtualShard& add_machine(std::string name);

  // Runs until `work` has ended. False when it has not after `span` of virtual
  // time, or when nothing is left that could happen; the work is cancelled then
  // and has ended when this returns.
  bool run(runtime::Task<void> work, Duration span);

  Instant now() const { return now_; }
  // Lets `event` happen at `when`; equal times in order of these calls.
  void at(Instant when, std::move_only_function<void()> event);

  Random& random() { return random_; }
  Faults& faults() { return faults_; }

  // What is wrong between machines; block() and unblock() are here because bytes
  // that were held on the way arrive when it is open again.
  Links& links() { return links_; }
  void block(const Links::Way& way);
  void unblock(const Links::Way& way);
  // Every connection between two machines is reset.
  void reset_between(std::string_view first, std::string_view other);

  // Shows every file from now on that is written as a whole.
  struct WrittenFile {
    std::string_view machine;
    std::string_view path;
    std::string_view bytes;
  };
  using FileWatcher = std::function<void(const WrittenFile&)>;
  void watch_files(FileWatcher watcher) { file_watcher_ = std::move(watcher); }
  void show_file(const WrittenFile& file) {
    if (file_watcher_) file_watcher_(file);
  }

  // Shows every delivery from now on.
  void watch(std::function<void(const Delivery&)> watcher) { watcher_ = std::move(watcher); }
  void show(const Delivery& delivery) {
    if (watcher_) watcher_(delivery);
  }

  // Adds an event to the trace: who, what, and when it was.
  void note(std::string_view who, std::string_view what);
  // What happened so far, a line an event; equal seeds give equal traces.
  const std::string& trace() const { return trace_; }

  // The machine's connections are reset and its listeners gone, as by kill -9 of
  // everything on it. What ran there reaches nobody from now on and may be ended;
  // its disk refuses writes.
  void cut_off(VirtualShard& machine);
  // The same without a word to anybody: connections fall silent, connects get no
  // answer, and its disk loses what was not synced.
  void cut_power(VirtualShard& machine);
  // The machine is back, with its disk as it is; something may be started on it.
  void restore(VirtualShard& machine);
  // Nothing runs on the machine until resume(); its network goes on taking what
  // arrives, as with SIGSTOP.
  void pause(VirtualShard& machine);
  void resume(VirtualShard& machine);

 private:
  friend class VirtualNetwork;
  friend class VirtualListener;
  friend class VirtualStream;

  const VirtualShard* find_machine(std::string_view name) const;
  void drop_listeners(const VirtualShard& machine);
  std::vector<std::shared_ptr<Connection>> open_connections();
  bool turn();
  Instant soonest() const;

  Instant now_{1'000'000'000};
  Random random_;
  Faults faults_;
  Links links_;
  std::function<void(const Delivery&)> watcher_;
  FileWatcher file_watcher_;
  std::string trace_;
  std::uint64_t event_count_ = 0;
  std::map<std::pair<Instant, std::uint64_t>, std::move_only_function<void()>> events_;
  std::vector<std::unique_ptr<VirtualShard>> machines_;
  std::map<std::pair<std::string, std::uint16_t>, VirtualListener*> listeners_;
  std::vector<std::weak_ptr<Connection>> connections_;
  std::uint64_t connection_count_ = 0;
  std::uint16_t next_port_ = 20'000;
};

}  // namespace portolan::virtual_time
