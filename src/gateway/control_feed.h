#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/connections.h"
#include "gateway/knowledge.h"
#include "gateway/options.h"
#include "gateway/world_tally.h"
#include "gateway/zone_key.h"
#include "runtime/event.h"
#include "runtime/task.h"
#include "world/poll.h"

namespace portolan::gateway {

// Keeps a gateway's Knowledge at what control wants it to be, by long polls to
// any control that answers. With none it goes on asking, jittered, and the
// gateway serves what it knows.
//
// Lives on: the gateway's shard.  Owner: the Gateway.
class ControlFeed {
 public:
  // `epoch`: of this start of the gateway.
  ControlFeed(runtime::Shard& shard, const Options& options, std::uint64_t epoch,
              Connections& connections, Knowledge& knowledge, ZoneKey& zone_key,
              const WorldTally& tally)
      : shard_(shard),
        options_(options),
        turn_{.start = epoch, .number = 0},
        connections_(connections),
        knowledge_(knowledge),
        zone_key_(zone_key),
        tally_(tally),
        news_(shard),
        uncut_until_(shard.now()) {}

  // Polls until it is cancelled.
  runtime::Task<void> run();

  // What the probes find. Control hears of a change at once: the poll that waits
  // is cut, and asked again with it; that one is not cut in its first seconds, or
  // an engine that comes and goes would keep away what control has to say.
  void note_engines(world::EngineTally engines);
  // Control hears of it by the next poll.
  void note_load(world::LoadSaid load) { load_ = load; }

 private:
  enum class Ended : std::uint8_t { answered, cut };

  runtime::Task<Result<Ended>> poll_once(runtime::Address control);
  using Asked = std::unique_ptr<http::ClientExchange>;
  runtime::Task<Result<world::PollAnswer>> read_answer(Asked exchange);
  runtime::Task<Status> await_news(Instant from);
  // `answered`: when the answer began; what it says is of then, however long it took.
  runtime::Task<void> take(runtime::Address control, world::PollAnswer answer, WallTime answered);
  runtime::Task<Knowledge::DeltasTaken> take_some(world::PollAnswer& answer, std::size_t first);
  runtime::Task<void> take_zone_key(world::PollAnswer answer);
  void remember_refusal(const runtime::Address& control, const world::SealedDocument& document,
                        const Fault& fault);
  void forget_refusal(seal::DocumentKind kind);
  void forget_own_troubles(const runtime::Address& control);
  world::PollRequest describe(const runtime::Address& control) const;
  bool is_in_a_hurry() const;
  void note_reached(bool reached, const std::string& why);

  runtime::Shard& shard_;
  const Options& options_;
  world::PollTurn turn_;  // of the last poll
  Connections& connections_;
  Knowledge& knowledge_;
  ZoneKey& zone_key_;
  const WorldTally& tally_;
  // What is refused is told to the control that sent it: another one's copy may
  // be good.
  struct Refused {
    runtime::Address control;
    world::Refusal refusal;
    bool own_trouble = false;  // our disk's: told once, then wanted again
  };

  std::vector<Refused> refused_;
  std::optional<world::EngineTally> engines_;
  std::optional<world::LoadSaid> load_;
  runtime::Event news_;         // engines_ has changed
  Instant uncut_until_;         // a poll is not cut before
  std::uint32_t failures_ = 0;  // in a row: no control answered
  bool reached_ = false;
  bool complained_ = false;
  bool taken_whole_ = true;  // all of the last answer was taken
};

}  // namespace portolan::gateway
