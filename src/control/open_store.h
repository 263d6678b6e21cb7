#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "store/control_store.h"
#include "store/etcd_members.h"

namespace portolan::control {

// Where control's state is: in an etcd, or else in control.db in that folder.
struct StorePlace {
  std::string folder;
  std::optional<store::EtcdMembers::Options> etcd{};
};

using OpenedStore = Result<std::unique_ptr<store::ControlStore>>;

// For a control of that network. Errors: bad_configuration where the etcd has
// nothing and the folder has a store, which nobody has moved; those of the stores.
runtime::Task<OpenedStore> open_store(runtime::Shard& shard, StorePlace place, std::string network);

enum class StoreSide : std::uint8_t { source, target };

// For whoever moves it. Errors: resource_conflict where a control uses it;
// resource_not_found for a source that is not there; those of the stores.
runtime::Task<OpenedStore> open_for_move(runtime::Shard& shard, StorePlace place,
                                         std::string network, StoreSide side);

}  // namespace portolan::control
