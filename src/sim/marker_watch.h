#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "virtual/universe.h"

namespace portolan::sim {

// The word that stands in a request's prompt and in its answer, and nowhere else.
std::string marker_of(std::size_t number);
// Numbers of all markers in that text.
std::vector<std::size_t> markers_in(std::string_view text);

// A marker that reached a machine over the network, once for each connection.
struct MarkerSeen {
  std::size_t number = 0;
  std::string from;
  std::string to;
  Instant at;
};

// Reads every byte that reaches any machine.
class MarkerWatch {
 public:
  void see(const virtual_time::Delivery& delivery, Instant now);
  const std::vector<MarkerSeen>& seen() const { return seen_; }

 private:
  std::map<std::pair<std::uint64_t, std::string>, std::string> tails_;  // by connection and end
  std::set<std::pair<std::uint64_t, std::pair<std::string, std::size_t>>> known_;
  std::vector<MarkerSeen> seen_;
};

}  // namespace portolan::sim
