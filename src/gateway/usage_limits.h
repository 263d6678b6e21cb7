#pragma once

#include "base/limits.h"

namespace portolan::gateway {

// The usage log (promise P4).
inline constexpr Limit log_flush_ms{"log_flush_ms", 5,
                                    "what a machine's death may take of the usage log"};
inline constexpr Limit usage_checkpoint_tokens{
    "usage_checkpoint_tokens", 32,
    "between two checkpoints; with what is under way a cut stream stays within 64"};
inline constexpr Limit usage_segment_bytes{"usage_segment_bytes", 1024 * 1024,
                                           "one file of the usage log, its room taken ahead"};
inline constexpr Limit usage_log_bytes_max{"usage_log_bytes_max", 1024 * 1024 * 1024,
                                           "a gateway's usage log, all segments"};
inline constexpr Limit usage_close_reserve_bytes{
    "usage_close_reserve_bytes", 8 * 1024,
    "kept free for each request that was let in, so that it can close, its receipt with it"};
inline constexpr Limit usage_room_retry_ms{"usage_room_retry_ms", 1'000,
                                           "until a disk without room is asked again"};
inline constexpr Limit receipt_days{"receipt_days", 30, "for so long a receipt can be asked for"};

}  // namespace portolan::gateway
