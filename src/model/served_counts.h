#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace portolan::model {

// Answers are told apart by the time to their first byte: within 25 ms, 50 ms, 100 ms and so on;
// the last class is all above.
inline constexpr std::size_t first_byte_classes = 14;

constexpr std::size_t first_byte_class(Duration time) {
  std::size_t found = 0;
  for (auto bound = Duration::milliseconds(25); time > bound; bound = bound * 2) {
    if (++found == first_byte_classes - 1) break;
  }
  return found;
}

// How requests ended that entered at some gateways in some time. Requests whose
// client left, or that showed no key that works, are not in it.
struct ServedCounts {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;    // of them: ended by a fault that no client can mend
  std::uint64_t refusals = 0;  // by a rule, a scope or the catalogue
  std::uint64_t detours = 0;   // tried in more than one place
  std::array<std::uint64_t, first_byte_classes> first_bytes{};  // answers, by class

  ServedCounts& operator+=(const ServedCounts& other) {
    requests += other.requests;
    errors += other.errors;
    refusals += other.refusals;
    detours += other.detours;
    for (std::size_t i = 0; i < first_bytes.size(); ++i) first_bytes[i] += other.first_bytes[i];
    return *this;
  }
  friend bool operator==(const ServedCounts&, const ServedCounts&) = default;
};

}  // namespace portolan::model
