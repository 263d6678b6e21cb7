#pragma once

#include <cstdint>
#include <string>

#include "base/limits.h"
#include "runtime/shard.h"
#include "store/control_store.h"
#include "store/etcd_members.h"

namespace portolan::store {

inline constexpr Limit etcd_freshness_ms{
    "etcd_freshness_ms", 2'000,
    "between two linearizable reads at the member that a watch hangs on"};

// The first changes since `request.from` under etcd's key `request.prefix`, keys
// as etcd has them; none at `deadline`.
//
// A watch by itself may stay silent for as long as its member is cut off, or when
// its connection has died unseen. So the member also has to answer a linearizable
// read now and then, which shows no key that the watch should have brought, and
// once more before "nothing" is said; otherwise the watch goes on elsewhere from
// the same revision.
//
// Errors: stale_version for what is no longer kept; store_failed when no member
// can vouch for what it says.
runtime::Task<Result<Changes>> watch_etcd(runtime::Shard& shard, EtcdMembers& members,
                                          WatchRequest request, Instant deadline);

}  // namespace portolan::store
