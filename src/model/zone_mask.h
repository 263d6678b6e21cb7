#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/limits.h"
#include "base/strong.h"

namespace portolan::model {

// A set of zones of one World, one bit a zone. A value of one cache line; every
// decision about where a request may go is an intersection of these.
class ZoneMask {
 public:
  static constexpr std::size_t words = limits::zones_max.value / 64;

  static constexpr ZoneMask none() { return {}; }

  // The first `zone_count` zones.
  static constexpr ZoneMask all(std::size_t zone_count) {
    ZoneMask mask;
    for (std::size_t zone = 0; zone < zone_count; ++zone) {
      mask.add(ZoneIndex{static_cast<std::uint16_t>(zone)});
    }
    return mask;
  }

  constexpr void add(ZoneIndex zone) { words_[zone.value / 64] |= bit(zone); }
  constexpr void remove(ZoneIndex zone) { words_[zone.value / 64] &= ~bit(zone); }
  constexpr bool contains(ZoneIndex zone) const {
    return (words_[zone.value / 64] & bit(zone)) != 0;
  }

  constexpr bool empty() const { return *this == ZoneMask{}; }
  constexpr std::size_t size() const {
    std::size_t count = 0;
    for (const std::uint64_t word : words_) {
      count += static_cast<std::size_t>(std::popcount(word));
    }
    return count;
  }

  // Calls visit(ZoneIndex) for every member, in ascending order.
  template <class Visit>
  constexpr void for_each(Visit&& visit) const {
    for (std::size_t i = 0; i < words; ++i) {
      for (std::uint64_t word = words_[i]; word != 0; word &= word - 1) {
        const auto zone = i * 64 + static_cast<std::size_t>(std::countr_zero(word));
        visit(ZoneIndex{static_cast<std::uint16_t>(zone)});
      }
    }
  }

  constexpr ZoneMask& operator&=(const ZoneMask& other) {
    for (std::size_t i = 0; i < words; ++i) words_[i] &= other.words_[i];
    return *this;
  }
  constexpr ZoneMask& operator|=(const ZoneMask& other) {
    for (std::size_t i = 0; i < words; ++i) words_[i] |= other.words_[i];
    return *this;
  }
  // Without the members of `other`.
  constexpr ZoneMask& operator-=(const ZoneMask& other) {
    for (std::size_t i = 0; i < words; ++i) words_[i] &= ~other.words_[i];
    return *this;
  }
  friend constexpr ZoneMask operator&(ZoneMask a, const ZoneMask& b) { return a &= b; }
  friend constexpr ZoneMask operator|(ZoneMask a, const ZoneMask& b) { return a |= b; }
  friend constexpr ZoneMask operator-(ZoneMask a, const ZoneMask& b) { return a -= b; }
  friend constexpr bool operator==(const ZoneMask&, const ZoneMask&) = default;

 private:
  static constexpr std::uint64_t bit(ZoneIndex zone) {
    return std::uint64_t{1} << (zone.value % 64);
  }

  std::array<std::uint64_t, words> words_{};
};

}  // namespace portolan::model
