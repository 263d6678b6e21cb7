#pragma once

#include <array>
#include <cstddef>
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
  };

  Connection(Universe& universe, VirtualShard& client, VirtualShard& server)
      : universe_(universe) {
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

 private:
  static constexpr std::size_t window = 64 * 1024;

  bool try_read(End& end, runtime::Operation& operation);
  void deliver_later(std::size_t to, std::string bytes, bool is_end);
  void deliver(std::size_t to, std::string bytes, bool is_end);
  void break_end(End& end, const Fault& fault);
  void wake_reader(End& end);

  Universe& universe_;
  std::array<End, 2> ends_;
  bool lost_ = false;
};

}  // namespace portolan::virtual_time
