#pragma once

#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/shard.h"
#include "runtime/stream.h"

namespace portolan::runtime {

// What a TlsStream does: plaintext on one side, records over an inner Stream on
// the other, OpenSSL between them on a BIO of our own.
//
// Owner: itself. abandon() ends it when the inner stream's operations have
// ended, so that a TlsStream may go away at any time. A cancelled outer read
// leaves the inner one running; its bytes wait for the next outer read.
class TlsCore {
 public:
  // Takes `ssl` over.
  TlsCore(Shard& shard, std::unique_ptr<Stream> inner, SSL* ssl);

  bool start_read(std::span<char> into, Operation& operation);
  // No pieces: completes when the handshake is done.
  bool start_write(std::span<const std::string_view> pieces, Operation& operation);
  void cancel(Operation& operation, Code why);
  void shut_down_write();
  void abandon();

  Stream& inner() { return *inner_; }
  std::string peer_identity() const;

 private:
  struct InnerRead final : Operation {
    TlsCore& core;
    explicit InnerRead(TlsCore& owner) : core(owner) {}
    void done() override { core.on_inner_read(); }
  };
  struct InnerWrite final : Operation {
    TlsCore& core;
    explicit InnerWrite(TlsCore& owner) : core(owner) {}
    void done() override { core.on_inner_write(); }
  };
  friend struct TlsBio;

  ~TlsCore();
  void advance();
  bool advance_once();
  bool read_plain();
  bool write_plain();
  bool shake_hands();
  bool send();
  bool receive();
  void on_inner_read();
  void on_inner_write();
  void take_inner_read();
  void take_inner_write();
  Fault ssl_fault(int error) const;
  void complete(Operation*& operation, Result<std::size_t> outcome);
  void end_if_idle();

  static constexpr std::size_t record_bytes = 16 * 1024 + 512;

  Shard& shard_;
  std::unique_ptr<Stream> inner_;
  SSL* ssl_;
  InnerRead inner_read_{*this};
  InnerWrite inner_write_{*this};
  bool inner_reading_ = false;
  bool inner_writing_ = false;
  bool abandoned_ = false;
  bool wants_input_ = false;

  Operation* starting_ = nullptr;  // its outcome goes back by return value
  Operation* reading_ = nullptr;
  std::span<char> into_;
  Operation* writing_ = nullptr;
  std::array<std::string_view, Stream::write_pieces_max> pieces_;
  std::size_t first_piece_ = 0;
  std::size_t piece_count_ = 0;
  std::size_t written_ = 0;

  std::vector<char> incoming_;  // ciphertext not yet taken by OpenSSL; empty when idle
  std::size_t incoming_begin_ = 0;
  std::size_t incoming_end_ = 0;
  bool ended_ = false;                // the inner stream has ended
  std::string outgoing_;              // ciphertext made and not yet sent
  std::string sending_;               // ciphertext that the inner write holds
  std::array<std::string_view, 1> sending_pieces_;
  std::optional<Fault> broken_;       // the inner stream's fault
};

}  // namespace portolan::runtime
