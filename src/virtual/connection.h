#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/fault.h"
#include "base/time.h"
#include "runtime/stream.h"

namespace portolan::virtual_time {

class Universe;
class VirtualShard;

// Two ends and the bytes between them. Shared by both ends and by the events
// that deliver; an end that is gone is marked so.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // What travels to an end.
  struct Parcel {
    enum class Kind : std::uint8_t { bytes, end, reset };
    Kind kind = Kind::bytes;
    std::string bytes;
    Instant sent;
  };

  // One end: what has arrived there, and who waits.
  struct End {
    VirtualShard* machine = nullptr;
    std::string identity;  // that its peer sees
    bool open = true;
    std::string arrived;
    bool ended = false;            // the peer's end of file has arrived
    std::optional<Fault> broken;
    runtime::Operation* reading = nullptr;
    std::span<char> into;
    runtime::Operation* writing = nullptr;
    std::size_t written = 0;
    std::size_t unread = 0;        // sent from here, not yet read there
    Instant last_delivery;         // of bytes to here: they arrive in order
    std::deque<Parcel> held;       // on a way to here that is blocked
  };

  Connection(Universe& universe, std::uint64_t number, VirtualShard& client, VirtualShard& server)
      : universe_(universe), number_(number) {
    ends_[0].machine = &client;
    ends_[1].machine = &server;
  }

  End& end(std::size_t side) { return ends_[side]; }

  bool start_read(std::size_t side, std::span<char> into, runtime::Operation& operation);
  bool start_write(std::size_t side, std::span<const std::string_view> pieces,
                   runtime::Operation& operation);
  void cancel(std::size_t side, runtime::Operation& operation, Code why);
  void send_end(std::size_t side);
  // That side is gone: the other sees an end, or a reset.
  void leave(std::size_t side, bool reset);
  // Both sides see a reset, now.
  void reset(std::string_view name);
  // The process at that side was killed: it sees a reset now, its peer hears of
  // it where the way is open.
  void kill_side(std::size_t side);
  // That side's machine is without power: nothing travels any more.
  void fall_silent(std::size_t side);
  // The machine is back and knows nothing of this connection.
  void end_silence();
  // What was held on the way to that side arrives, in order.
  void release_held(std::size_t to);

 private:
  static constexpr std::size_t window = 64 * 1024;

  bool try_read(End& end, runtime::Operation& operation);
  void send_later(std::size_t to, Parcel parcel);
  void arrive(std::size_t to, Parcel parcel);
  void deliver(std::size_t to, Parcel parcel);
  bool blocked(std::size_t to) const;
  void ask_alive_after(Duration span);
  void break_end(End& end, const Fault& fault);
  void wake_reader(End& end);

  Universe& universe_;
  std::uint64_t number_;
  std::array<End, 2> ends_;
  bool lost_ = false;       // by chance, for good
  bool silent_ = false;     // a machine of it lost its power
  bool forgotten_ = false;  // and is back: what is sent there gets a reset
};

}  // namespace portolan::virtual_time
