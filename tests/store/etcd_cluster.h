#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "runtime/network.h"
#include "runtime/shard.h"
#include "runtime/task.h"

namespace portolan::store::testing {

// Three members of a real etcd on this machine, each a process with a folder of
// its own. Ended, with all they wrote, when this goes.
class EtcdCluster {
 public:
  static constexpr std::size_t size = 3;

  EtcdCluster();
  ~EtcdCluster();

  // Of the clients' side of the members, in order, beginning with `first`.
  std::vector<runtime::Address> addresses(std::size_t first = 0) const;

  void kill(std::size_t member);     // -9
  void start(std::size_t member);    // again, with what is in its folder
  void suspend(std::size_t member);  // as if it were cut off from everybody
  void resume(std::size_t member);

  // Waits until all members take part. Ends the test program when they do not
  // within a minute.
  runtime::Task<void> settle(runtime::Shard& shard);
  runtime::Task<std::size_t> leader(runtime::Shard& shard);

 private:
  struct Member {
    runtime::Address client;
    runtime::Address peer;
    std::string id;  // as etcd shows it; once settled
    pid_t process = 0;
  };
  void make_order(std::size_t member);
  std::string name_of(std::size_t member) const;

  std::string folder_;
  std::string peers_;
  std::array<Member, size> members_;
};

// The one of this program: made at the first call.
EtcdCluster& cluster();
void end_cluster();

}  // namespace portolan::store::testing
