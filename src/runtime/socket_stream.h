#pragma once

#include <sys/uio.h>

#include <array>
#include <span>
#include <string>

#include "runtime/epoll_shard.h"
#include "runtime/stream.h"

namespace portolan::runtime {

// A TCP connection on an EpollShard.
//
// Invariants: registered with epoll once, when made; `readable_` and `writable_`
// are false only after the kernel said so, and epoll then reports the edge.
class SocketStream final : public Stream, private Watched {
 public:
  // Takes over a non-blocking, connected or connecting socket.
  SocketStream(EpollShard& shard, int descriptor);
  ~SocketStream() override;

  // Errors: limit_exceeded. To be called once, before anything else.
  Status watch();
  // For a connecting socket: completes with 0 when connected, or a Fault.
  bool start_connected(Operation& operation);

  bool start_read(std::span<char> into, Operation& operation) override;
  bool start_write(std::span<const std::string_view> pieces, Operation& operation) override;
  void cancel(Operation& operation, Code why) override;
  void shut_down_write() override;
  void reset_on_close() override;
  std::string peer_address() const override;

 private:
  void on_ready(Readiness readiness) override;
  bool try_read(Operation& operation);
  bool try_write(Operation& operation);
  bool check_connected(Operation& operation);
  void advance(std::size_t written);
  void complete(Operation*& operation);

  EpollShard& shard_;
  int descriptor_;
  bool readable_ = true;
  bool writable_ = true;
  bool ended_ = false;
  bool connecting_ = false;
  Operation* reading_ = nullptr;
  Operation* writing_ = nullptr;
  std::span<char> into_;
  std::array<iovec, write_pieces_max> pieces_;
  std::size_t first_piece_ = 0;
  std::size_t piece_count_ = 0;
  std::size_t written_ = 0;
};

// What errno says about a peer, as a Fault.
Fault socket_fault(int error);

}  // namespace portolan::runtime
