#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace portolan::sim {

// When which part of a network was harmed: a machine by its name, a zone that is
// drained by the zone's, one way between two machines as "from>to".
class Weather {
 public:
  using Harm = std::size_t;

  Harm begin(std::string part, Instant from);
  // The last moment of it. Without one it lasts for ever.
  void end(Harm harm, Instant until) { harms_[harm].until = until; }

  // Nothing has harmed it between these moments.
  bool fair(std::string_view part, Instant from, Instant until) const;
  // Both ways between two machines, and both machines.
  bool fair_between(const std::string& one, const std::string& other, Instant from,
                    Instant until) const;

 private:
  struct Span {
    std::string part;
    Instant from;
    Instant until = Instant::never();
  };

  std::vector<Span> harms_;
};

}  // namespace portolan::sim
