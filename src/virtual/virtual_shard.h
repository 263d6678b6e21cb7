#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/shard.h"
#include "virtual/virtual_disk.h"
#include "virtual/virtual_network.h"

namespace portolan::virtual_time {

class Universe;

// One machine of a Universe: a Shard on virtual seams.
class VirtualShard final : public runtime::Shard {
 public:
  VirtualShard(Universe& universe, std::string name, std::uint64_t seed);
  ~VirtualShard() override;

  Instant now() const override;
  // The universe's time as a date, plus this machine's error.
  WallTime wall_now() const override;
  void set_clock_error(Duration error) { clock_error_ = error; }
  Duration clock_error() const { return clock_error_; }

  runtime::Network& network() override { return network_; }
  VirtualDisk& disk() override { return disk_; }
  void fill_secret(std::span<unsigned char> bytes) override;
  // A line of the universe's trace.
  void report(std::string_view sentence) override;
  // Runs the work at once; the waiter goes on in its turn.
  void start_offload(runtime::OffloadedWork& work) override;
  void assert_here() const override {}

  const std::string& name() const { return name_; }
  Universe& universe() { return universe_; }
  bool is_cut_off() const { return cut_off_; }
  bool is_silent() const { return silent_; }
  bool is_paused() const { return paused_; }

 private:
  friend class Universe;

  Universe& universe_;
  std::string name_;
  Duration clock_error_;
  bool cut_off_ = false;
  bool silent_ = false;  // cut off by a loss of power
  bool paused_ = false;
  VirtualNetwork network_;
  VirtualDisk disk_;
};

// The date at which every universe begins.
inline constexpr WallTime first_day = WallTime::from_unix_seconds(1'767'225'600);  // 2026-01-01

}  // namespace portolan::virtual_time
