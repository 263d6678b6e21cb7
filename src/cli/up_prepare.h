#pragma once

#include "base/result.h"
#include "cli/up_home.h"
#include "cli/up_options.h"
#include "cli/up_plan.h"
#include "cli/up_programs.h"
#include "runtime/shard.h"

namespace portolan::cli {

// Makes the home's folder, for its owner alone. Errors: those of the disk.
Result<Home> prepare_home(runtime::Shard& shard, const UpOptions& options);

// Reads the World, chooses ports, and writes every file that the plan's
// processes need; starts nothing. Blocks. Errors: bad_configuration with every
// problem of the World; limit_exceeded; those of the disk.
Result<Plan> prepare_up(runtime::Shard& shard, const UpOptions& options, const Home& home,
                        const Programs& programs);

// Nothing when all ports of the plan can be listened on. One that was just given
// back may take a moment: who asks asks again. Errors: resource_conflict, naming
// the port, what it is for, and how to choose others.
Status check_ports_free(const Plan& plan);

}  // namespace portolan::cli
