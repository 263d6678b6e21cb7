#pragma once

#include "base/time.h"

namespace portolan::runtime {

// A connection that was made from here and rests is asked whether its peer still
// knows it (TCP keep-alive, RFC 9293 section 3.8.4): after `keep_alive_idle`, and
// when nobody answers again every `keep_alive_interval`, `keep_alive_probes`
// times. A pool thereby forgets connections to a machine that lost its power
// before a request finds out, whose execution would count as begun.
inline constexpr Duration keep_alive_idle = Duration::seconds(3);
inline constexpr Duration keep_alive_interval = Duration::seconds(1);
inline constexpr int keep_alive_probes = 2;

}  // namespace portolan::runtime
