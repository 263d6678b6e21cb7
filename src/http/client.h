#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "http/exchange.h"
#include "runtime/event.h"
#include "runtime/gate.h"
#include "runtime/network.h"
#include "runtime/shard.h"
#include "wire/http_head.h"

namespace portolan::http {

// Whom a client talks to.
struct Origin {
  runtime::Address address;
  std::shared_ptr<const runtime::Credentials> credentials;  // null: plain TCP
  std::string server_name;  // verified in the certificate; empty: the chain alone
  std::string identity;     // URI that the peer's certificate must have; empty: any
};

class Pool;
class ClientConnection;
struct Handshake;

// A connection lent out of a Pool for one request and its answer. Goes back to
// the pool when the answer was read to its end and may be followed by another;
// is closed otherwise.
//
// Lives on: the pool's shard.  Owner: the frame that talks.
class ClientExchange {
 public:
  ClientExchange(ClientExchange&&) noexcept;
  ClientExchange& operator=(ClientExchange&&) = delete;
  ~ClientExchange();

  // Once on a borrowed connection. Writes head and body (with Content-Length where there is a body
  // or the method is POST, PUT or PATCH). When it returns without fault the body was fully written.
  // Errors: connection_reset, connection_closed, cancelled ..., all Retry::elsewhere.
  runtime::Task<Status> send(std::string method, std::string target, OwnedFields fields,
                             std::string body);

  // The final answer's head, interim ones passed over. Valid until the next
  // read. Errors: connection_closed (no byte came), malformed_peer ...
  runtime::Task<Result<const wire::ResponseHead*>> read_head();

  // The next piece of the body, decoded; empty at its end. The view is valid
  // until the next call. An end of file before the body's end is connection_closed.
  runtime::Task<Result<std::string_view>> read_some();
  // All of it that is left; limit_exceeded beyond bytes_max.
  runtime::Task<Result<std::string>> read_all(std::size_t bytes_max);

  bool reused() const;  // the connection had lain in the pool
  std::string peer_identity() const;

 private:
  friend class Pool;
  ClientExchange(Pool& pool, std::unique_ptr<ClientConnection> connection);

  Pool* pool_;
  std::unique_ptr<ClientConnection> connection_;
};

// Kept-alive connections of one shard to one origin. Idle ones are watched, so
// that one which the peer has closed is not lent again.
//
// Lives on: one shard.  Owner: whoever knows the origin.
// Invariants: (1) a connection is idle here or lent, never both;
//             (2) at most pooled_connections_max are idle;
//             (3) an idle one has a read pending, whose completion removes it;
//             (4) at most late_handshakes_max go on that nobody waits for.
// close() must be awaited before it is destroyed; nothing is lent by then.
class Pool {
 public:
  Pool(runtime::Shard& shard, Origin origin);
  ~Pool();

  // An idle connection, else a new one within `deadline`. One that is made too late
  // for its caller is kept for the next: where handshakes are slow, giving them up
  // would make them slower. Errors: those of Network::connect, deadline_exceeded,
  // untrusted_peer for another identity, cancelled when the pool is closed.
  runtime::Task<Result<ClientExchange>> borrow(Instant deadline);
  // Never an idle one: for what must not meet a connection that just died.
  runtime::Task<Result<ClientExchange>> connect(Instant deadline);

  // Closes idle connections now, lent ones when they come back, and returns when
  // all are.
  runtime::Task<void> close();

  runtime::Shard& shard() { return shard_; }
  const Origin& origin() const { return origin_; }
  std::size_t idle() const;

 private:
  friend class ClientExchange;
  friend class ClientConnection;
  ClientExchange lend(std::unique_ptr<ClientConnection> connection);
  void take_back(std::unique_ptr<ClientConnection> connection);
  // An idle connection that got bytes or its end.
  void drop(ClientConnection& connection);
  void discard(std::unique_ptr<ClientConnection> connection);
  void keep(std::unique_ptr<ClientConnection> connection);
  runtime::Task<Result<std::unique_ptr<runtime::Stream>>> connect_stream();
  runtime::Task<Result<std::unique_ptr<runtime::Stream>>> await(
      std::shared_ptr<Handshake> handshake);
  void leave(Handshake& handshake);
  runtime::Task<void> shake_hands(std::shared_ptr<Handshake> handshake);
  runtime::Task<Status> await_all_back();

  runtime::Shard& shard_;
  Origin origin_;
  std::string host_;          // of the Host field
  runtime::Gate ending_;      // what a discarded connection still waits for
  runtime::Gate handshakes_;  // connections that are being made
  runtime::Event back_;
  std::vector<std::unique_ptr<ClientConnection>> idle_;  // the last one was used last
  std::size_t lent_ = 0;                                 // those that are waited for included
  std::size_t late_ = 0;                                 // handshakes that nobody waits for
  bool closed_ = false;
};

// One request and its whole answer on a borrowed connection; for control, meter
// and CLI, where bodies are small.
struct Answer {
  int status = 0;
  OwnedFields fields;
  std::string body;

  std::string_view field(std::string_view name) const;  // case does not matter; empty if absent
};
struct Request {
  std::string method = "GET";
  std::string target;
  OwnedFields fields;
  std::string body;
  std::size_t answer_bytes_max = limits::body_bytes_max.count();
};
// Asks once more, on a new connection, when a kept-alive one died before it
// answered a GET or HEAD.
runtime::Task<Result<Answer>> fetch(Pool& pool, Request request, Instant deadline);

}  // namespace portolan::http
