#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/time.h"

namespace portolan::virtual_time {

// What the network and the disks of a Universe do wrong, by chance. All zero at
// first. Every fault that happens is counted by its name.
struct Faults {
  double connect_refused = 0;   // of connects
  double connect_lost = 0;      // of connects: no answer ever comes
  double connection_reset = 0;  // of deliveries: both sides see a reset
  double connection_lost = 0;   // of deliveries: from then on bytes vanish both ways
  double delivery_delayed = 0;  // of deliveries: by up to `delay_max`
  double short_read = 0;        // of reads: fewer bytes than are there
  double disk_failed = 0;       // of writes to disk
  double disk_torn = 0;         // of appends that fail: part of the bytes is written
  double sync_failed = 0;       // of files brought to disk

  Duration latency = Duration::microseconds(500);  // one way
  Duration delay_max = Duration::milliseconds(800);

  std::map<std::string, std::uint64_t> happened;
};

}  // namespace portolan::virtual_time
