#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "virtual/universe.h"

namespace portolan::sim {

// What a gateway said that it holds of one kind of document.
struct HeldVersion {
  Instant at;
  std::uint64_t number = 0;
  std::string hash;
};

// The versions that gateways hold, by what they write on their disks and by what
// they tell control.
//
// Invariants that it checks: neither ever goes back, over restarts neither.
class VersionWatch {
 public:
  // A file of a gateway that was written as a whole.
  void see_file(const std::string& machine, std::string_view path, std::string_view bytes,
                Instant now);
  // Bytes that reached control.
  void see(const virtual_time::Delivery& delivery);

  // Worlds by when that gateway had each on its disk.
  const std::vector<HeldVersion>& worlds(const std::string& gateway) const;
  // Whether that gateway has told control of any version.
  bool has_told(const std::string& gateway) const { return told_.contains(gateway); }
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  using Numbers = std::map<std::string, std::uint64_t>;  // by kind of document

  // What one poll said. Polls can overtake each other on the way.
  struct Told {
    Instant sent;
    Numbers numbers;
  };

  std::map<std::string, std::vector<HeldVersion>> worlds_;
  std::map<std::string, Numbers> on_disk_;
  std::map<std::string, std::vector<Told>> told_;
  std::vector<std::string> problems_;
};

}  // namespace portolan::sim
