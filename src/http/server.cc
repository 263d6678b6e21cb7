#include "http/server.h"

#include <utility>

#include "http/server_connection.h"
#include "runtime/wait.h"

namespace portolan::http {
namespace {

constexpr std::size_t listeners_max = 64;
// Connections over the limit that are told so at one time; more are just closed.
constexpr std::size_t refusals_max = 64;
// When the system has no more sockets, asking at once again would only spin.
constexpr Duration accept_backoff = Duration::milliseconds(50);
// Accepted in a row, before everything else has its turn.
constexpr int accepts_in_a_row = 16;

// Ends the work of a gate at an instant, or when the waiter is cancelled.
class CutOff final : private runtime::Cancellable, private runtime::Timer {
 public:
  CutOff(runtime::Shard& shard, runtime::CancelScope* waiter, runtime::Gate& gate, Instant deadline)
      : shard_(shard), gate_(gate) {
    if (waiter != nullptr && waiter->is_cancelled()) {
      gate_.cancel_all(waiter->reason());
      return;
    }
    enter_scope(waiter);
    shard_.arm(*this, deadline);
  }
  ~CutOff() { shard_.disarm(*this); }

 private:
  void on_cancel(Code why) override { gate_.cancel_all(why); }
  void fired() override { gate_.cancel_all(Code::draining); }

  runtime::Shard& shard_;
  runtime::Gate& gate_;
};

}  // namespace

Server::Server(runtime::Shard& shard, Handler& handler, ServerOptions options)
    : shard_(shard),
      handler_(handler),
      options_(options),
      listeners_(shard, listeners_max),
      connections_(shard, options.connections_max),
      refusals_(shard, refusals_max) {}

Server::~Server() = default;

void Server::serve(std::unique_ptr<runtime::Listener> listener) {
  const bool started = listeners_.start(accept_from(std::move(listener)));
  check(started || draining_, "a server has few listeners");
}

runtime::Task<void> Server::accept_from(std::unique_ptr<runtime::Listener> listener) {
  for (int in_a_row = 1; !draining_; ++in_a_row) {
    auto accepted = co_await listener->accept();
    if (accepted) {
      admit(std::move(*accepted));
      if (in_a_row % accepts_in_a_row == 0) co_await runtime::yield(shard_);
      continue;
    }
    if (accepted.error().code == Code::cancelled) co_return;
    const auto slept = co_await runtime::sleep_for(shard_, accept_backoff);
    if (!slept) co_return;
  }
}

void Server::admit(std::unique_ptr<runtime::Stream> stream) {
  if (connections_.running() < options_.connections_max) {
    connections_.start(serve_stream(std::move(stream)));
  } else {
    refusals_.start(turn_away(std::move(stream)));
  }
}

runtime::Task<void> Server::serve_stream(std::unique_ptr<runtime::Stream> stream) {
  ServerConnection connection(*this, std::move(stream));
  co_await connection.serve();
}

runtime::Task<void> Server::turn_away(std::unique_ptr<runtime::Stream> stream) {
  ServerConnection connection(*this, std::move(stream));
  co_await connection.turn_away();
}

runtime::Task<void> Server::drain(Instant deadline) {
  draining_ = true;
  co_await listeners_.close();
  for (ServerConnection* connection : open_) connection->drain();
  runtime::CancelScope* waiter = co_await runtime::CurrentScope{};
  {
    CutOff cut_off(shard_, waiter, connections_, deadline);
    co_await connections_.drain();
  }
  co_await close();
}

runtime::Task<void> Server::close() {
  draining_ = true;
  co_await listeners_.close();
  co_await connections_.close();
  co_await refusals_.close();
}

}  // namespace portolan::http
