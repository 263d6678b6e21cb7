#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gateway/connections.h"
#include "gateway/knowledge.h"
#include "gateway/options.h"
#include "gateway/usage_log.h"
#include "runtime/task.h"
#include "wire/usage_post.h"

namespace portolan::gateway {

// Sends a gateway's usage log to a meter, within two seconds of its being synced,
// and asks for nothing while nothing is new. With no meter in reach the log keeps
// everything, and it is tried again, ever more rarely and jittered.
//
// Lives on: the gateway's shard, never on a request's path.  Owner: run_gateway.
// Invariant: the log hears that something was shipped only after a meter has
// said that it is on its disk.
class UsageShipper {
 public:
  UsageShipper(runtime::Shard& shard, const Options& options, Connections& connections,
               const Knowledge& knowledge, UsageLog& log)
      : shard_(shard),
        options_(options),
        connections_(connections),
        knowledge_(knowledge),
        log_(log) {}

  // Until cancelled; at once without a meter.
  runtime::Task<void> run();
  // What is synced and not yet sent, if it can be before `deadline`: for the end
  // of a gateway. run() has ended.
  runtime::Task<void> ship_rest(Instant deadline);

  std::uint64_t shipped() const { return shipped_; }  // records

 private:
  using Answer = Result<wire::UsageTaken>;

  runtime::Task<Status> ship_all();
  // Where the meter stands, so that a restart does not send everything again.
  runtime::Task<Status> resume();
  // Sends what the meter misses and the log still has.
  runtime::Task<Status> refill(std::vector<wire::UsageTaken::Missing> missing);
  runtime::Task<Status> refill_range(wire::UsageTaken::Missing range);
  // To the first meter that takes it.
  runtime::Task<Answer> post(std::string body);
  runtime::Task<Answer> post_to(runtime::Address meter, std::string body);

  bool has_more() const;
  void note(const Status& outcome);
  Duration pause_after(const Status& outcome);

  runtime::Shard& shard_;
  const Options& options_;
  Connections& connections_;
  const Knowledge& knowledge_;
  UsageLog& log_;
  UsagePosition position_;  // what is to be sent next
  bool resumed_ = false;
  std::set<std::pair<std::uint64_t, std::uint64_t>> refilled_;  // epoch and first of a gap
  std::uint64_t shipped_ = 0;
  std::uint32_t failures_ = 0;  // in a row
};

}  // namespace portolan::gateway
