#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"

namespace portolan::wire {

// Where a request stands in its trace (W3C Trace Context, version 00).
struct TraceParent {
  std::array<std::uint8_t, 16> trace_id{};  // never all zero
  std::array<std::uint8_t, 8> parent_id{};  // never all zero
  std::uint8_t flags = 0;                   // bit 0: sampled

  friend bool operator==(const TraceParent&, const TraceParent&) = default;
};

// Reads a `traceparent` field, or nothing where the standard says to start
// anew: bad lengths, upper case, zero ids, version ff. Of a later version the
// known part is read.
std::optional<TraceParent> parse_traceparent(std::string_view value);

// The same trace, one span deeper. Only the sampled flag is carried on.
TraceParent child_of(const TraceParent& parent, Random& random);

// The first span of a new trace, not sampled.
TraceParent new_trace(Random& random);

// 55 characters: "00-<trace id>-<parent id>-<flags>".
std::string render_traceparent(const TraceParent& trace);

// The 32 hexadecimal digits of the trace id.
std::string render_trace_id(const TraceParent& trace);

}  // namespace portolan::wire
