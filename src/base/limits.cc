#include "base/limits.h"

#include <array>

namespace portolan {
namespace {

constexpr auto all = std::to_array<const Limit*>({
    &limits::head_bytes_max,
    &limits::headers_max,
    &limits::read_buffer_bytes,
    &limits::body_bytes_max,
    &limits::head_timeout_ms,
    &limits::body_stall_ms,
    &limits::write_stall_ms,
    &limits::idle_connection_ms,
    &limits::connections_max,
    &limits::pooled_connections_max,
    &limits::replay_bytes_max,
    &limits::request_timeout_ms,
    &limits::executions_max,
    &limits::engine_silence_max_ms,
    &limits::connect_timeout_ms,
    &limits::late_handshake_ms,
    &limits::late_handshakes_max,
    &limits::heartbeat_ms,
    &limits::hop_silence_max_ms,
    &limits::clock_skew_max_ms,
    &limits::frame_bytes_max,
    &limits::event_bytes_max,
    &limits::probe_interval_ms,
    &limits::probe_timeout_ms,
    &limits::probe_failures_max,
    &limits::zone_backoff_ms,
    &limits::world_bytes_max,
    &limits::keyring_bytes_max,
    &limits::regions_max,
    &limits::zones_max,
    &limits::rules_max,
    &limits::resources_max,
    &limits::poll_wait_ms,
    &limits::key_freshness_ms,
});

}  // namespace

std::span<const Limit* const> all_limits() { return all; }

}  // namespace portolan
