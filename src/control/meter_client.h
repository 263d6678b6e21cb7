#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "control/control.h"
#include "http/client.h"
#include "runtime/network.h"
#include "runtime/shard.h"
#include "wire/json_value.h"

namespace portolan::control {

// Asks the network's meter what is in the ledger, over mutual TLS.
//
// Lives on: control's shard.  Owner: the process's root task, which awaits
// close() before it destroys it.
class MeterClient {
 public:
  // `meters` are tried in order; without any there is no ledger to ask. One whose id `control` has
  // revoked is neither asked nor told anything.
  MeterClient(runtime::Shard& shard, const Control& control, std::string network,
              const std::vector<runtime::Address>& meters,
              std::shared_ptr<const runtime::Credentials> own);

  // GET of that path and query. Errors: what the meter answers, with its code and
  // sentence; resource_not_found without a meter; unreachable, when none answers.
  runtime::Task<Result<wire::Json>> ask(std::string target);

  // PUT of that body to every meter. Errors: the last of those of ask(); the others were told.
  runtime::Task<Status> tell(std::string target, std::string body);

  runtime::Task<void> close();

 private:
  runtime::Task<Result<http::Answer>> ask_one(http::Pool& pool, http::Request request);

  Status check_peer(const http::ClientExchange& exchange) const;
  runtime::Task<Result<http::Answer>> converse(http::ClientExchange& exchange,
                                               http::Request request);
  runtime::Task<Result<http::Answer>> ask_within(http::Pool& pool, http::Request request,
                                                 Instant deadline);

  runtime::Shard& shard_;
  const Control& control_;
  std::string network_;
  std::vector<std::unique_ptr<http::Pool>> pools_;
};

}  // namespace portolan::control
