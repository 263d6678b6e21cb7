#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_set>

#include "base/limits.h"
#include "http/exchange.h"
#include "runtime/gate.h"
#include "runtime/network.h"
#include "runtime/shard.h"

namespace portolan::http {

// What a server does with requests.
class Handler {
 public:
  virtual runtime::Task<void> handle(Exchange& exchange) = 0;
  // Bytes that are no request (parse errors, a head over the limit) are answered
  // with this body and type; the connection then ends. `fault.code` gives the status.
  virtual OwnedFields render_fault(const Fault& fault, std::string& body) = 0;

 protected:
  ~Handler() = default;
};

struct ServerOptions {
  std::size_t connections_max = limits::connections_max.count();
  Duration head_timeout = limits::head_timeout_ms.milliseconds();
  Duration idle_timeout = limits::idle_connection_ms.milliseconds();
  Duration body_stall = limits::body_stall_ms.milliseconds();
  Duration write_stall = limits::write_stall_ms.milliseconds();
};

// An HTTP/1.1 server (RFC 9112) on any number of listeners of one shard.
// Connections are kept alive; pipelined requests are answered in order, one at a
// time.
//
// Lives on: one shard.  Owner: the process's root task.
// Over connections_max a new connection is answered 503 and closed.
class Server {
 public:
  Server(runtime::Shard& shard, Handler& handler, ServerOptions options);
  ~Server();

  // Accepts from the listener until drain() or close(). The listener is owned.
  void serve(std::unique_ptr<runtime::Listener> listener);

  // Stops accepting, ends idle connections, tells the others `Connection: close`
  // and waits for their answers, at most until `deadline`; then close().
  runtime::Task<void> drain(Instant deadline);
  // Stops accepting and cancels everything.
  runtime::Task<void> close();

  bool draining() const { return draining_; }
  std::size_t connections() const { return connections_.running(); }

 private:
  friend class ServerConnection;
  runtime::Task<void> accept_from(std::unique_ptr<runtime::Listener> listener);
  void admit(std::unique_ptr<runtime::Stream> stream);
  runtime::Task<void> serve_stream(std::unique_ptr<runtime::Stream> stream);
  runtime::Task<void> turn_away(std::unique_ptr<runtime::Stream> stream);

  runtime::Shard& shard_;
  Handler& handler_;
  ServerOptions options_;
  runtime::Gate listeners_;
  runtime::Gate connections_;
  runtime::Gate refusals_;
  std::unordered_set<ServerConnection*> open_;
  bool draining_ = false;
};

}  // namespace portolan::http
