#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/time.h"

namespace portolan {

// A bound that this program keeps (promise P9): its stable name, its default,
// and why it is what it is. `portolan limits` prints all of them.
struct Limit {
  std::string_view name;   // ends in its unit: _bytes, _ms, or a plural noun
  std::uint64_t value;
  std::string_view reason;

  constexpr std::size_t count() const { return static_cast<std::size_t>(value); }
  constexpr Duration milliseconds() const {
    return Duration::milliseconds(static_cast<std::int64_t>(value));
  }
};

namespace limits {

// HTTP, both sides.
inline constexpr Limit head_bytes_max{"head_bytes_max", 16 * 1024,
                                      "a head is read whole before anything is decided"};
inline constexpr Limit headers_max{"headers_max", 64, "fields of one head"};
inline constexpr Limit read_buffer_bytes{
    "read_buffer_bytes", 64 * 1024, "the most that is taken from a connection before a decision"};
inline constexpr Limit body_bytes_max{"body_bytes_max", 16u * 1024 * 1024, "a request's body"};
inline constexpr Limit head_timeout_ms{"head_timeout_ms", 15'000,
                                       "from a head's first byte to its last"};
inline constexpr Limit body_stall_ms{"body_stall_ms", 30'000, "between two reads of a body"};
inline constexpr Limit write_stall_ms{"write_stall_ms", 60'000,
                                      "a client that does not read its answer"};
inline constexpr Limit idle_connection_ms{"idle_connection_ms", 75'000,
                                          "a kept-alive connection with no request"};
inline constexpr Limit connections_max{
    "connections_max", 20'000,
    "open at one front door; fewer where RLIMIT_NOFILE is too low for two files each"};
inline constexpr Limit pooled_connections_max{"pooled_connections_max", 256,
                                              "idle ones kept to one origin"};

// Requests.
inline constexpr Limit replay_bytes_max{"replay_bytes_max", 16 * 1024 * 1024,
                                        "the largest body that is kept for another attempt"};
inline constexpr Limit request_timeout_ms{"request_timeout_ms", 600'000,
                                          "the longest deadline a request may have"};
inline constexpr Limit executions_max{"executions_max", 2, "bodies fully written to an engine"};
inline constexpr Limit engine_silence_max_ms{"engine_silence_max_ms", 120'000,
                                             "an engine that says nothing is hung"};
inline constexpr Limit connect_timeout_ms{"connect_timeout_ms", 1'000,
                                          "a connection to an engine or gateway"};
inline constexpr Limit late_handshake_ms{
    "late_handshake_ms", 10'000, "a connection that is kept for the next request when it is late"};
inline constexpr Limit late_handshakes_max{"late_handshakes_max", 4, "at once, to one origin"};
inline constexpr Limit heartbeat_ms{"heartbeat_ms", 1'000, "an executor tells that it lives"};
inline constexpr Limit hop_silence_max_ms{"hop_silence_max_ms", 3'000,
                                          "an executor with no frame for so long is lost"};
inline constexpr Limit clock_skew_max_ms{"clock_skew_max_ms", 5'000,
                                         "envelopes of a clock further away are refused"};
inline constexpr Limit frame_bytes_max{"frame_bytes_max", 1024 * 1024, "one frame of a hop"};
inline constexpr Limit event_bytes_max{"event_bytes_max", 1024 * 1024, "one server-sent event"};

// Engines' health.
inline constexpr Limit probe_interval_ms{"probe_interval_ms", 1'000, "between two health probes"};
inline constexpr Limit probe_timeout_ms{"probe_timeout_ms", 1'000, "one health probe"};
inline constexpr Limit probe_failures_max{"probe_failures_max", 2,
                                          "in a row, then the engine is hung"};
inline constexpr Limit zone_backoff_ms{"zone_backoff_ms", 1'000,
                                       "a zone that failed or was full is passed over"};

// World, Keyring, Restrictions.
inline constexpr Limit world_bytes_max{"world_bytes_max", 4 * 1024 * 1024, "a World's JSON"};
inline constexpr Limit keyring_bytes_max{"keyring_bytes_max", 64 * 1024 * 1024,
                                         "a Keyring's JSON"};
inline constexpr Limit regions_max{"regions_max", 256, "of one World"};
inline constexpr Limit zones_max{"zones_max", 512, "of one World; a mask of zones is one cache line"};
inline constexpr Limit rules_max{"rules_max", 1'024, "of one World"};
inline constexpr Limit resources_max{"resources_max", 20'000, "of one apply"};
inline constexpr Limit poll_wait_ms{"poll_wait_ms", 20'000, "a long poll with nothing new"};
inline constexpr Limit key_freshness_ms{"key_freshness_ms", 86'400'000,
                                        "how long a cut-off gateway trusts its Keyring"};

}  // namespace limits

// Every limit above, in that order.
std::span<const Limit* const> all_limits();

}  // namespace portolan
