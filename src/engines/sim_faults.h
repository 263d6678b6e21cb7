#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"

namespace portolan::engines {

// Something that an engine does wrong on order.
struct FaultOrder {
  enum class Kind : std::uint8_t {
    status,        // answers `status`
    hang,          // takes the request and says nothing
    reset_after,   // resets the connection after `tokens` events of text
    slow,          // takes `factor` times as long
    malformed,     // answers with bytes that are no answer
    accept_stall,  // accepts no connection for `span`
    health,        // of /health alone
  };
  enum class Malformed : std::uint8_t {
    json,   // a body or event that is cut off within
    event,  // a stream of bytes that are no events
    end,    // ends early, as if all was said
    head,   // no HTTP head
  };
  enum class Health : std::uint8_t { loading, failing, hang };

  Kind kind = Kind::status;
  std::uint64_t count = 1;  // the next so many; 0: by chance
  double probability = 0;   // of each, as long as the order stands
  int status = 500;
  std::size_t tokens = 0;
  double factor = 1;
  Malformed malformed = Malformed::json;
  Health health = Health::loading;
  Duration span = Duration::seconds(5);
};

// Reads {"kind": "...", "count": 3, ...}, or an array of such. Each kind takes
// its own members alone: status; tokens; factor; variant; mode; ms.
// Errors: invalid_parameter, malformed_json.
Result<std::vector<FaultOrder>> parse_fault_orders(std::string_view body);

// The orders that stand.
//
// Lives on: one shard.  Owner: one simulated engine.
class FaultBook {
 public:
  void add(const FaultOrder& order, Instant now);
  void clear();

  // What this execution, or probe of /health, does wrong: the first order that
  // stands, used up by one.
  std::optional<FaultOrder> take_for_execution(Random& random);
  std::optional<FaultOrder> take_for_health(Random& random);

  // An order stands for the next execution.
  bool awaits_execution() const { return !executions_.empty(); }

  // {"status":3,...}: how often each kind was taken since the start.
  std::string render_taken() const;

  Instant accept_stalled_until() const { return accept_stalled_until_; }

 private:
  std::optional<FaultOrder> take(std::vector<FaultOrder>& orders, Random& random);

  std::vector<FaultOrder> executions_;
  std::vector<FaultOrder> probes_;
  std::map<FaultOrder::Kind, std::uint64_t> taken_;
  Instant accept_stalled_until_{INT64_MIN};
};

}  // namespace portolan::engines
