#pragma once

#include <string_view>

#include "base/result.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "seal/identity.h"
#include "store/ledger_store.h"
#include "wire/json_value.h"
#include "wire/usage_post.h"

namespace portolan::meter {

// Takes usage from gateways into the ledger, and answers what is in it. Tells the
// operator of gaps that open and are filled, and of conflicts.
//
// Lives on: one shard.  Owner: the process's root task.
class Meter {
 public:
  Meter(runtime::Shard& shard, store::LedgerStore& ledger) : shard_(shard), ledger_(ledger) {}

  // A post of that gateway; what it says is on disk when this returns. Errors:
  // those of read_batch() and of the ledger; nothing was taken then.
  runtime::Task<Result<wire::UsageTaken>> take(std::string body, seal::Identity peer);

  // As meter/usage_json.h has them.
  runtime::Task<Result<wire::Json>> usage(std::string query);
  // Errors: invalid_parameter where the query names no id.
  runtime::Task<Result<wire::Json>> request(std::string query);
  runtime::Task<Result<wire::Json>> gaps();
  runtime::Task<Result<wire::Json>> conflicts();

  // Tells of the gaps that an earlier process left.
  runtime::Task<Status> report_state();

 private:
  void report(const store::LedgerTaken& taken, const std::string& gateway);

  runtime::Shard& shard_;
  store::LedgerStore& ledger_;
};

}  // namespace portolan::meter
