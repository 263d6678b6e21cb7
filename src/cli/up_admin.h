#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/admin_client.h"
#include "cli/network_file.h"
#include "cli/up_home.h"
#include "cli/up_plan.h"
#include "runtime/shard.h"
#include "runtime/task.h"

namespace portolan::cli {

// The admin API as `up` uses it: from its shard, without holding it up.

// The access to a control that answers; asks until it does. Errors: cancelled.
runtime::Task<Result<AdminAccess>> await_control(runtime::Shard& shard, Home home,
                                                 std::string admin_url);

// Makes the home's World true, as often as it is called: applies it, and deletes
// what an earlier `up` of this home applied and it no longer names. Errors: those
// of control.
runtime::Task<Status> apply_world(runtime::Shard& shard, AdminAccess access, Home home);

// A key for each workspace: the known one while control knows it and has not
// revoked it, else a new one. Errors: those of control.
runtime::Task<Result<std::vector<NetworkFile::Workspace>>> settle_keys(
    runtime::Shard& shard, AdminAccess access, std::vector<NetworkFile::Workspace> known,
    std::vector<model::Workspace> wanted);

}  // namespace portolan::cli
