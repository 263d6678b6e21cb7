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

// A gateway told of an older World behind a newer one.
struct StepBack {
  std::string gateway;
  std::uint64_t number = 0;  // of the older one
  std::string text;
};

// The versions that gateways hold, by what they write on their disks and by what
// they tell control.
//
// Invariants that it checks: neither ever goes back, over restarts neither. Worlds
// that gateways tell of are a matter of what their disks lost: see steps_back().
class VersionWatch {
 public:
  // A file of a gateway that was written as a whole.
  void see_file(const std::string& machine, std::string_view path, std::string_view bytes,
                Instant now);
  // Bytes that reached control.
  void see(const virtual_time::Delivery& delivery);

  // Worlds by when that gateway had each on its disk.
  const std::vector<HeldVersion>& worlds(const std::string& gateway) const;
  // Those of them that it wrote down to permit no more than a newer one: they may
  // decide where the newer one was lost. That they permit no more is for the judge
  // of scopes to find out.
  const std::vector<HeldVersion>& older_that_may_decide(const std::string& gateway) const;
  const std::vector<StepBack>& steps_back() const { return steps_back_; }
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

  void see_floor(const std::string& machine, std::uint64_t floor, std::uint64_t newest);
  void compare(const std::string& gateway, const Told& earlier, const Told& later);

  std::map<std::string, std::vector<HeldVersion>> worlds_;
  std::map<std::string, std::vector<HeldVersion>> older_;
  std::map<std::string, Numbers> on_disk_;
  std::map<std::string, std::vector<Told>> told_;
  std::vector<StepBack> steps_back_;
  std::vector<std::string> problems_;
};

}  // namespace portolan::sim
