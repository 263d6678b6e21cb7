#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "world/poll.h"

namespace portolan::control {

inline constexpr Limit gateways_max{"gateways_max", 8'192, "that one control process remembers"};
inline constexpr Limit gateway_silence_ms{"gateway_silence_ms", 86'400'000,
                                          "a gateway not seen for so long is forgotten"};

// What one gateway said of itself last.
struct GatewayRecord {
  world::PollRequest said;
  WallTime seen;          // when its last poll began, or ended in whatever way
  std::size_t polls = 0;  // of it that wait now

  bool connected() const { return polls > 0; }
};

// Every gateway that has polled this process; in memory only, each tells again.
class GatewayRecords {
 public:
  // A poll begins. Errors: invalid_parameter when there are gateways_max others.
  Status note(const world::PollRequest& request, WallTime now);
  // One that was noted has ended: answered, or the gateway is gone.
  void note_end(const std::string& gateway, WallTime now);

  const std::map<std::string, GatewayRecord>& by_id() const { return by_id_; }

 private:
  void forget_silent(WallTime now);

  std::map<std::string, GatewayRecord> by_id_;
};

}  // namespace portolan::control
