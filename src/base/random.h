#pragma once

#include <cstdint>

namespace portolan {

// A seeded pseudo-random generator (SplitMix64; Steele, Lea, Flood 2014). Equal
// seeds give equal sequences. For choices, never for secrets.
class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

  // Uniform in [0, bound); bound must be positive. The bias is below 2^-32 for
  // every bound that this program draws from.
  constexpr std::uint64_t below(std::uint64_t bound) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }

  // Uniform in [0, 1).
  constexpr double fraction() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  constexpr bool chance(double probability) { return fraction() < probability; }

  // A generator whose sequence is independent of what this one draws later.
  constexpr Random split() { return Random(next() ^ 0xD1B54A32D192ED03u); }

 private:
  std::uint64_t state_;
};

}  // namespace portolan
