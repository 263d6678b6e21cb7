#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/control.h"
#include "control/opening_record.h"

namespace portolan::control {

struct KeptOpening {
  OpeningRecord record{};
  std::uint64_t revision = 0;  // of the store; 0: it is not there yet
};

// Where openings stand, in the store. Who writes compares what was read, so that of two that go on
// with one opening one is told to read again.
//
// Lives on: control's shard.  Owner: the Openings.
class OpeningBook {
 public:
  OpeningBook(runtime::Shard& shard, Control& control, store::ControlStore& store)
      : shard_(shard), control_(control), store_(store) {}

  // By name. Errors: store_failed for a record that cannot be read, naming it; unsupported_version;
  // those of the store.
  runtime::Task<Result<std::vector<KeptOpening>>> read();
  // Nothing: there is none of that name.
  runtime::Task<Result<std::optional<KeptOpening>>> find(std::string name);

  // Puts it there with an entry in the audit log: `done` of this Opening, for the record's why.
  // Errors: resource_conflict with Retry::later where it has changed since; those of the store.
  runtime::Task<Status> put(KeptOpening& kept, std::string done, Actor by);
  // The same without an entry: for what is seen, not done.
  runtime::Task<Status> save(KeptOpening& kept);

 private:
  runtime::Task<Result<std::vector<KeptOpening>>> read_from(std::string prefix);

  runtime::Shard& shard_;
  Control& control_;
  store::ControlStore& store_;
};

}  // namespace portolan::control
