#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "control/store_survey.h"
#include "runtime/shard.h"
#include "store/control_store.h"

namespace portolan::control {

// Moves control's whole state, its audit log too, from one store into another
// that is empty. Numbers and values stay what they are; revisions go on behind
// the source's. The order makes every moment one that a second run, or control,
// can tell:
//   1. the target says that it is being filled: no control starts on it
//   2. all keys are copied, read back, and their digests are equal
//   3. the source says that it was moved, if nothing of it has changed since
//   4. the target is let go
// Before 3 the source is as it was; behind it the target is whole.

struct MigrateOrder {
  std::string network;
  std::string source;  // places, as control is told them
  std::string target;
};

// Told while it goes on: what is done, and how far.
using MigrateProgress =
    std::function<void(std::string_view doing, std::uint64_t keys, std::uint64_t keys_total)>;

struct Migrated {
  Numbers numbers;
  seal::ChainHead audit;
  std::uint64_t keys = 0;
  std::uint64_t bytes = 0;
  std::string source_sha256;
  std::string target_sha256;
};

// What there is to move, read to its end. Errors: resource_not_found for a store
// without a state; bad_configuration for another network's; resource_conflict for
// one that is itself being filled; as survey_store().
runtime::Task<Result<StoreSurvey>> survey_source(runtime::Shard& shard, store::ControlStore& source,
                                                 MigrateOrder order, MigrateProgress progress);

// `survey` is survey_source()'s. Errors: resource_conflict for a target that is
// not empty, and where somebody changes either store meanwhile; those of the
// stores; cancelled. Each says what has happened, and may be followed by a second
// run.
runtime::Task<Result<Migrated>> migrate_store(runtime::Shard& shard, store::ControlStore& source,
                                              StoreSurvey survey, store::ControlStore& target,
                                              MigrateOrder order, MigrateProgress progress);

}  // namespace portolan::control
