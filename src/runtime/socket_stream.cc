#include "runtime/socket_stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace portolan::runtime {

Fault socket_fault(int error) {
  switch (error) {
    case ECONNREFUSED:
      return {Code::connection_refused, Retry::elsewhere, "nothing listens there"};
    case ECONNRESET:
    case EPIPE:
      return {Code::connection_reset, Retry::elsewhere, "the peer reset the connection"};
    case ETIMEDOUT:
      return {Code::timed_out, Retry::elsewhere, "the peer does not acknowledge"};
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return {Code::limit_exceeded, Retry::elsewhere, "the system is out of sockets or memory"};
    default:
      return {Code::unreachable, Retry::elsewhere,
              std::string("the network says: ") + std::strerror(error)};
  }
}

SocketStream::SocketStream(EpollShard& shard, int descriptor)
    : shard_(shard), descriptor_(descriptor) {}

SocketStream::~SocketStream() {
  check(reading_ == nullptr && writing_ == nullptr, "a stream in use was destroyed");
  shard_.forget(descriptor_, *this);
  close(descriptor_);
}

Status SocketStream::watch() { return shard_.watch(descriptor_, *this); }

bool SocketStream::start_connected(Operation& operation) {
  connecting_ = true;
  writable_ = false;
  writing_ = &operation;
  return false;
}

bool SocketStream::check_connected(Operation& operation) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
  connecting_ = false;
  if (error != 0) {
    operation.outcome = socket_fault(error);
  } else {
    operation.outcome = std::size_t{0};
  }
  return true;
}

bool SocketStream::start_read(std::span<char> into, Operation& operation) {
  check(reading_ == nullptr, "one read at a time");
  into_ = into;
  if (readable_ && try_read(operation)) return true;
  reading_ = &operation;
  return false;
}

// True when `operation` has its outcome. A short read is taken as drained,
// since epoll reports the next byte as a new edge; the end of the stream was
// perhaps reported already.
bool SocketStream::try_read(Operation& operation) {
  for (;;) {
    const ssize_t got = recv(descriptor_, into_.data(), into_.size(), 0);
    if (got > 0) {
      const auto bytes = static_cast<std::size_t>(got);
      if (bytes < into_.size() && !ended_) readable_ = false;
      operation.outcome = bytes;
      return true;
    }
    if (got == 0) {
      operation.outcome = std::size_t{0};
      return true;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN) {
      readable_ = false;
      return false;
    }
    operation.outcome = socket_fault(errno);
    return true;
  }
}

bool SocketStream::start_write(std::span<const std::string_view> pieces, Operation& operation) {
  check(writing_ == nullptr, "one write at a time");
  check(pieces.size() <= pieces_.size(), "too many pieces for one write");
  first_piece_ = piece_count_ = written_ = 0;
  for (const std::string_view piece : pieces) {
    if (piece.empty()) continue;
    pieces_[piece_count_++] = {const_cast<char*>(piece.data()), piece.size()};
  }
  if (writable_ && try_write(operation)) return true;
  writing_ = &operation;
  return false;
}

void SocketStream::advance(std::size_t bytes) {
  written_ += bytes;
  while (bytes > 0) {
    iovec& piece = pieces_[first_piece_];
    if (bytes < piece.iov_len) {
      piece.iov_base = static_cast<char*>(piece.iov_base) + bytes;
      piece.iov_len -= bytes;
      return;
    }
    bytes -= piece.iov_len;
    ++first_piece_;
  }
}

bool SocketStream::try_write(Operation& operation) {
  while (first_piece_ < piece_count_) {
    msghdr message{};
    message.msg_iov = &pieces_[first_piece_];
    message.msg_iovlen = piece_count_ - first_piece_;
    const ssize_t sent = sendmsg(descriptor_, &message, MSG_NOSIGNAL);
    if (sent >= 0) {
      advance(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN) {
      writable_ = false;
      return false;
    }
    operation.outcome = socket_fault(errno);
    return true;
  }
  operation.outcome = written_;
  return true;
}

void SocketStream::complete(Operation*& operation) {
  shard_.make_ready(*std::exchange(operation, nullptr));
}

void SocketStream::on_ready(Readiness readiness) {
  if (readiness.readable) {
    readable_ = true;
    ended_ = ended_ || readiness.ended;
    if (reading_ != nullptr && try_read(*reading_)) complete(reading_);
  }
  if (readiness.writable) {
    writable_ = true;
    if (writing_ == nullptr) return;
    if (connecting_ ? check_connected(*writing_) : try_write(*writing_)) complete(writing_);
  }
}

void SocketStream::cancel(Operation& operation, Code why) {
  Operation*& pending = &operation == reading_ ? reading_ : writing_;
  // Completed already, and waiting in the loop for its turn: nothing to end.
  if (pending != &operation) return;
  operation.outcome = Fault{why, Retry::never, "the work was called off"};
  complete(pending);
}

void SocketStream::shut_down_write() { shutdown(descriptor_, SHUT_WR); }

void SocketStream::reset_on_close() {
  const linger reset{.l_onoff = 1, .l_linger = 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

std::string SocketStream::peer_address() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (getpeername(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  const void* bytes = address.ss_family == AF_INET6
                          ? static_cast<const void*>(
                                &reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr)
                          : &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr;
  return inet_ntop(address.ss_family, bytes, text.data(), text.size()) != nullptr ? text.data()
                                                                                  : "";
}

}  // namespace portolan::runtime
