#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace portolan::model {

// Which of two states of one network is newer. A gateway persists the highest
// it has seen of World, Keyring and Restrictions each, and refuses older ones.
struct Version {
  std::string network;
  std::uint64_t epoch = 0;   // raised by a restore of control
  std::uint64_t number = 0;  // World: version; Keyring and Restrictions: sequence

  friend bool operator==(const Version&, const Version&) = default;
};

// Of one network: is `a` older than `b`?
inline bool older(const Version& a, const Version& b) {
  return a.epoch != b.epoch ? a.epoch < b.epoch : a.number < b.number;
}

}  // namespace portolan::model
