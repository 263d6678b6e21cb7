#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace portolan::policy {

// A zone as a rollout sees it.
struct WaveZone {
  std::string name;
  std::string region;
  std::string failure_group;   // of the region
  bool released = false;       // its gateways are sent the new World
  bool connected = false;      // a gateway of it is
  bool touched = false;        // the new World has other engines there, or another zone
  std::uint64_t requests = 0;  // that it served lately
};

// The zones that are to get the new World next, by their place in `zones`; empty
// when all have it.
//
// One zone first: one that shows most, that is, whose gateways are there, then
// which the change touches, then with most traffic. Then the rest of its region,
// or where that was all, one region more. Then all the others, at most one region
// of each failure group at once: two regions that fail by one cause are what the
// customers of either fail over to.
std::vector<std::size_t> plan_wave(std::span<const WaveZone> zones);

}  // namespace portolan::policy
