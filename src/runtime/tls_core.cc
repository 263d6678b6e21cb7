#include "runtime/tls_core.h"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "runtime/cancel.h"
#include "runtime/x509_facts.h"

namespace portolan::runtime {

// The BIO between OpenSSL and a TlsCore's two ciphertext buffers.
struct TlsBio {
  static TlsCore& core_of(BIO* bio) { return *static_cast<TlsCore*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* into, int size) {
    TlsCore& core = core_of(bio);
    BIO_clear_retry_flags(bio);
    const std::size_t have = core.incoming_end_ - core.incoming_begin_;
    if (have == 0) {
      if (core.ended_) return 0;
      BIO_set_retry_read(bio);
      return -1;
    }
    const std::size_t taken = std::min(have, static_cast<std::size_t>(size));
    std::memcpy(into, core.incoming_.data() + core.incoming_begin_, taken);
    core.incoming_begin_ += taken;
    return static_cast<int>(taken);
  }

  static int write(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    core_of(bio).outgoing_.append(bytes, static_cast<std::size_t>(size));
    return size;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static int create(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
  }

  static BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      BIO_METHOD* fresh = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "portolan");
      BIO_meth_set_read(fresh, read);
      BIO_meth_set_write(fresh, write);
      BIO_meth_set_ctrl(fresh, control);
      BIO_meth_set_create(fresh, create);
      return fresh;
    }();
    return made;
  }
};

TlsCore::TlsCore(Shard& shard, std::unique_ptr<Stream> inner, SSL* ssl)
    : shard_(shard), inner_(std::move(inner)), ssl_(ssl) {
  BIO* bio = BIO_new(TlsBio::method());
  check(bio != nullptr, "out of memory");
  BIO_set_data(bio, this);
  SSL_set_bio(ssl_, bio, bio);
}

TlsCore::~TlsCore() { SSL_free(ssl_); }

bool TlsCore::start_read(std::span<char> into, Operation& operation) {
  check(reading_ == nullptr, "one read at a time");
  reading_ = &operation;
  into_ = into;
  starting_ = &operation;
  advance();
  return std::exchange(starting_, nullptr) == nullptr;
}

bool TlsCore::start_write(std::span<const std::string_view> pieces, Operation& operation) {
  check(writing_ == nullptr, "one write at a time");
  check(pieces.size() <= pieces_.size(), "too many pieces for one write");
  writing_ = &operation;
  first_piece_ = piece_count_ = written_ = 0;
  for (const std::string_view piece : pieces) {
    if (!piece.empty()) pieces_[piece_count_++] = piece;
  }
  starting_ = &operation;
  advance();
  return std::exchange(starting_, nullptr) == nullptr;
}

void TlsCore::complete(Operation*& operation, Result<std::size_t> outcome) {
  Operation* completed = std::exchange(operation, nullptr);
  completed->outcome = std::move(outcome);
  if (completed == starting_) {
    starting_ = nullptr;
  } else {
    shard_.make_ready(*completed);
  }
}

void TlsCore::cancel(Operation& operation, Code why) {
  Operation*& pending = &operation == reading_ ? reading_ : writing_;
  if (pending == &operation) complete(pending, cancelled_fault(why));
}

void TlsCore::advance() {
  while (advance_once()) {
  }
}

// One round of everything that can move. False when all of it waits.
bool TlsCore::advance_once() {
  wants_input_ = false;
  bool moved = false;
  if (reading_ != nullptr) moved = read_plain() || moved;
  if (writing_ != nullptr && !inner_writing_) moved = write_plain() || moved;
  moved = send() || moved;
  if (wants_input_) moved = receive() || moved;
  return moved;
}

bool TlsCore::read_plain() {
  ERR_clear_error();
  std::size_t got = 0;
  const int status = SSL_read_ex(ssl_, into_.data(), into_.size(), &got);
  if (status == 1) {
    complete(reading_, got);
    return true;
  }
  const int error = SSL_get_error(ssl_, status);
  if (error == SSL_ERROR_WANT_READ) {
    wants_input_ = true;
    return false;
  }
  if (error == SSL_ERROR_ZERO_RETURN) {
    complete(reading_, std::size_t{0});
  } else {
    complete(reading_, ssl_fault(error));
  }
  return true;
}

// True when the handshake is done; otherwise it waits or the write has failed.
bool TlsCore::shake_hands() {
  if (SSL_is_init_finished(ssl_)) return true;
  ERR_clear_error();
  const int status = SSL_do_handshake(ssl_);
  if (status == 1) return true;
  const int error = SSL_get_error(ssl_, status);
  if (error == SSL_ERROR_WANT_READ) {
    wants_input_ = true;
  } else {
    complete(writing_, ssl_fault(error));
  }
  return false;
}

bool TlsCore::write_plain() {
  if (!shake_hands()) return writing_ == nullptr;
  constexpr std::size_t outgoing_max = 128 * 1024;
  while (first_piece_ < piece_count_ && outgoing_.size() < outgoing_max) {
    std::string_view& piece = pieces_[first_piece_];
    std::size_t taken = 0;
    ERR_clear_error();
    const int status = SSL_write_ex(ssl_, piece.data(), piece.size(), &taken);
    if (status != 1) {
      const int error = SSL_get_error(ssl_, status);
      if (error == SSL_ERROR_WANT_READ) {
        wants_input_ = true;
        return false;
      }
      complete(writing_, ssl_fault(error));
      return true;
    }
    written_ += taken;
    piece.remove_prefix(taken);
    if (piece.empty()) ++first_piece_;
  }
  if (first_piece_ < piece_count_ || !outgoing_.empty()) return false;
  complete(writing_, written_);
  return true;
}

bool TlsCore::send() {
  if (inner_writing_ || outgoing_.empty() || broken_) return false;
  sending_.swap(outgoing_);
  outgoing_.clear();
  sending_pieces_[0] = sending_;
  inner_writing_ = true;
  if (!inner_->start_write(sending_pieces_, inner_write_)) return false;
  take_inner_write();
  return true;
}

bool TlsCore::receive() {
  if (inner_reading_ || ended_ || broken_) return false;
  incoming_.resize(record_bytes);
  incoming_begin_ = incoming_end_ = 0;
  inner_reading_ = true;
  if (!inner_->start_read(incoming_, inner_read_)) return false;
  take_inner_read();
  return true;
}

void TlsCore::take_inner_read() {
  inner_reading_ = false;
  if (!inner_read_.outcome) {
    broken_ = inner_read_.outcome.error();
    ended_ = true;
    return;
  }
  incoming_end_ = *inner_read_.outcome;
  ended_ = incoming_end_ == 0;
}

void TlsCore::take_inner_write() {
  inner_writing_ = false;
  sending_.clear();
  if (sending_.capacity() > record_bytes) sending_.shrink_to_fit();
  if (inner_write_.outcome) return;
  broken_ = inner_write_.outcome.error();
  if (writing_ != nullptr) complete(writing_, *broken_);
}

void TlsCore::on_inner_read() {
  take_inner_read();
  if (abandoned_) return end_if_idle();
  advance();
}

void TlsCore::on_inner_write() {
  take_inner_write();
  if (abandoned_) return end_if_idle();
  advance();
}

Fault TlsCore::ssl_fault(int error) const {
  if (broken_) return *broken_;
  if (error == SSL_ERROR_SYSCALL || (error == SSL_ERROR_SSL && ended_)) {
    return {Code::connection_closed, Retry::elsewhere, "the peer closed without saying so in TLS"};
  }
  const unsigned long code = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(code);
  std::string message = std::string("TLS: ") + (reason != nullptr ? reason : "unknown error");
  if (const long verdict = SSL_get_verify_result(ssl_); verdict != X509_V_OK) {
    message += std::string(" (") + X509_verify_cert_error_string(verdict) + ")";
  }
  return {Code::untrusted_peer, Retry::elsewhere, message};
}

void TlsCore::shut_down_write() {
  if (SSL_is_init_finished(ssl_) && !broken_) {
    ERR_clear_error();
    SSL_shutdown(ssl_);
    send();
  }
  if (!inner_writing_) inner_->shut_down_write();
}

void TlsCore::abandon() {
  check(reading_ == nullptr && writing_ == nullptr, "a stream in use was destroyed");
  abandoned_ = true;
  if (inner_reading_) inner_->cancel(inner_read_, Code::cancelled);
  if (inner_writing_) inner_->cancel(inner_write_, Code::cancelled);
  end_if_idle();
}

void TlsCore::end_if_idle() {
  if (!inner_reading_ && !inner_writing_) delete this;
}

std::string TlsCore::peer_identity() const {
  X509* peer = SSL_get0_peer_certificate(ssl_);
  if (peer == nullptr || SSL_get_verify_result(ssl_) != X509_V_OK) return {};
  return uri_of(peer);
}

}  // namespace portolan::runtime
