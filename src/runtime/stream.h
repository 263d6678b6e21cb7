#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "runtime/operation.h"

namespace portolan::runtime {

// A connected byte stream: TCP, TLS over it, or a virtual one.
//
// Lives on: the shard that made it.  Owner: one frame or pool.
// Invariants: at most one read and one write are pending; the bytes of a pending
// operation stay in place. Destroying it with an operation pending is a bug.
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  // Reads at least one and at most into.size() bytes; zero is end of file.
  // True: complete, `operation.outcome` is set and done() will not be called.
  // Errors: connection_reset, connection_closed, malformed_peer (TLS).
  virtual bool start_read(std::span<char> into, Operation& operation) = 0;

  // Writes all pieces, in order. The span of views is copied, the bytes are not.
  // At most `write_pieces_max` pieces. Errors: as start_read.
  virtual bool start_write(std::span<const std::string_view> pieces, Operation& operation) = 0;
  static constexpr std::size_t write_pieces_max = 16;

  // Completes a pending operation with `why`, through the shard's loop. After a
  // cancelled write the stream is of no further use.
  virtual void cancel(Operation& operation, Code why) = 0;

  // Sends end of file (TLS: close_notify first, if it can go out at once).
  virtual void shut_down_write() = 0;
  // Makes the peer see a reset instead of an end when this is destroyed.
  virtual void reset_on_close() = 0;

  // The URI name of the peer's certificate, verified; empty without mutual TLS.
  virtual std::string peer_identity() const { return {}; }
  virtual std::string peer_address() const = 0;
};

}  // namespace portolan::runtime
