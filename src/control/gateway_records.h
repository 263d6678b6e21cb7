#pragma once

#include <cstddef>
#include <cstdint>
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
  std::size_t polls = 0;  // of it that wait now; of one that polls elsewhere 1 while it does
  bool lost = false;      // the control that it polled is gone, and no other has heard of it since

  bool connected() const { return polls > 0; }
};

// Every gateway that has polled this process, and those of which other controls tell; in memory
// only, each tells again. Of a gateway that several controls know of the newest word counts, by the
// gateway's own turns.
//
// Lives on: control's shard.  Owner: the Control.
class GatewayRecords {
 public:
  using ById = std::map<std::string, GatewayRecord>;

  // A poll begins. Errors: invalid_parameter when there are gateways_max others.
  Status note(const world::PollRequest& request, WallTime now);
  // One that was noted has ended: answered, or the gateway is gone.
  void note_end(const std::string& gateway, WallTime now);

  // What another control says in that document, in place of what it said there before.
  void hear(const std::string& document, ById told);
  // That document is gone, and its control with it, which was there up to `last`.
  void lose(const std::string& document, WallTime last);

  const ById& by_id() const { return joined_; }
  // Those that have polled this process, whatever others tell.
  const ById& here() const { return here_; }

  // Raised by each poll here, and by those that tell more than other counts.
  std::uint64_t words() const { return words_; }
  std::uint64_t facts() const { return facts_; }

 private:
  void forget_silent(WallTime now);
  void join(const std::string& gateway);

  ById here_;
  std::map<std::string, ById> told_;  // by document
  ById lost_;                         // what nobody tells any more
  ById joined_;
  std::uint64_t words_ = 0;
  std::uint64_t facts_ = 0;
};

}  // namespace portolan::control
