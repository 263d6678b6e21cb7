#include "http/server_connection.h"

#include <algorithm>
#include <utility>

#include "runtime/combine.h"
#include "runtime/wait.h"

namespace portolan::http {
namespace {

// How long the client of a connection that we end has to see the answer.
constexpr Duration linger = Duration::milliseconds(500);
// Room behind a head in the one buffer, for what follows it.
constexpr std::size_t room_behind_head = 1024;
constexpr std::size_t room_for_chunks = 16 * 1024;

std::size_t room_wanted(wire::Framing framing) {
  switch (framing.kind) {
    case wire::Framing::Kind::length:
      return std::min<std::uint64_t>(framing.length + room_behind_head,
                                     limits::read_buffer_bytes.count());
    case wire::Framing::Kind::chunked:
      return room_for_chunks;
    case wire::Framing::Kind::none:
    case wire::Framing::Kind::until_close:
      break;
  }
  return room_behind_head;
}

}  // namespace

ServerConnection::ServerConnection(Server& server, std::unique_ptr<runtime::Stream> stream)
    : server_(server),
      shard_(server.shard_),
      stream_(std::move(stream)),
      intake_(shard_, *stream_) {
  server_.open_.insert(this);
}

ServerConnection::~ServerConnection() { server_.open_.erase(this); }

void ServerConnection::drain() {
  if (waiting_ != nullptr && intake_.unread().empty()) waiting_->cancel(Code::draining);
}

// Nobody waits for these bytes: they are of the next request, or the client's end.
void ServerConnection::on_arrival() {
  if (!intake_.ended()) {
    intake_.watch(*this);
  } else if (handling_ != nullptr) {
    handling_->cancel();
  }
}

runtime::Task<void> ServerConnection::serve() {
  for (;;) {
    auto headed = co_await await_head();
    if (!headed) {
      const int status = facts_of(headed.error().code).http_status;
      Fault fault = std::move(headed).error();
      co_await refuse(fault, status);
      break;
    }
    if (!*headed) break;
    const bool another = co_await serve_request();
    if (!another) break;
  }
  co_await end();
}

Result<bool> ServerConnection::take_head() {
  if (intake_.unread().empty()) return false;
  TRY(std::size_t size, wire::parse_request_head(intake_.unread(), head_));
  if (size == 0) return false;
  if (intake_.reserve(room_wanted(head_.framing))) {
    TRY(size, wire::parse_request_head(intake_.unread(), head_));
  }
  intake_.hold(size);
  return true;
}

runtime::Task<Result<bool>> ServerConnection::await_head_within(StallScope& stall) {
  for (bool begun = false;;) {
    CO_TRY(const bool complete, take_head());
    if (complete) co_return true;
    if (!begun && !intake_.unread().empty()) {
      begun = true;
      stall.postpone(server_.options_.head_timeout);
    }
    const auto came = co_await intake_.more();
    if (came && *came > 0) continue;
    if (begun && !came && came.error().code == Code::timed_out) {
      co_return Fault{Code::request_timeout, Retry::never, "The request's head came too slowly."};
    }
    co_return false;
  }
}

runtime::Task<Result<bool>> ServerConnection::await_head() {
  if (server_.draining_ && intake_.unread().empty()) co_return false;
  runtime::CancelScope* outer = co_await runtime::CurrentScope{};
  StallScope stall(shard_, outer, server_.options_.idle_timeout);
  waiting_ = &stall;
  auto waiting = await_head_within(stall);
  auto headed = co_await std::move(waiting).under(stall);
  waiting_ = nullptr;
  co_return headed;
}

runtime::Task<void> ServerConnection::give_back_buffer() {
  intake_.let_go();
  if (!intake_.is_large() || !intake_.unread().empty()) co_return;
  co_await intake_.stop();
  if (intake_.unread().empty()) intake_.release();
}

runtime::Task<bool> ServerConnection::serve_request() {
  if (head_.expects_unknown) {
    Fault fault{Code::invalid_parameter, Retry::never,
                "The request has an Expect header other than 100-continue."};
    co_await refuse(fault, 417);
    co_return false;
  }
  runtime::CancelScope* outer = co_await runtime::CurrentScope{};
  body_.emplace(intake_, head_.framing, Code::malformed_request);
  body_begun_ = false;
  Exchange exchange(*this, head_);
  {
    runtime::CancelScope scope(outer);
    handling_ = &scope;
    intake_.watch(*this);
    auto handling = server_.handler_.handle(exchange);
    co_await std::move(handling).under(scope);
    handling_ = nullptr;
  }
  if (!exchange.finished_) exchange.break_off();
  if (exchange.broken_off_) {
    ending_ = Ending::broken;
    co_return false;
  }
  if (!keep_alive_) {
    ending_ = body_over_ ? Ending::polite : Ending::unread;
    co_return false;
  }
  co_await give_back_buffer();
  co_return true;
}

runtime::Task<void> ServerConnection::refuse(Fault fault, int status) {
  std::string body;
  const OwnedFields fields = server_.handler_.render_fault(fault, body);
  keep_alive_ = false;
  stage_head(status, wire::Framing::of_length(body.size()), fields);
  stage(body);
  const Status written = co_await flush();
  ending_ = written ? Ending::unread : Ending::broken;
}

runtime::Task<void> ServerConnection::turn_away() {
  Fault fault{Code::overloaded, Retry::elsewhere,
              "This server has as many connections as it may have (connections_max)."};
  co_await refuse(fault, facts_of(fault.code).http_status);
  co_await end();
}

// What else the client sends is let go, within the one buffer.
runtime::Task<Status> ServerConnection::await_client_end() {
  for (;;) {
    intake_.consume(intake_.unread().size());
    CO_TRY(const std::size_t came, co_await intake_.more());
    if (came == 0) co_return Status();
  }
}

// A connection that is closed with unread bytes is reset, and a reset may
// overtake the answer: so we end our side, and give the client time to end its
// own. What of a refused body is still under way stays unread meanwhile.
runtime::Task<void> ServerConnection::end() {
  intake_.let_go();
  intake_.unwatch();
  if (ending_ == Ending::broken) stream_->reset_on_close();
  if (ending_ == Ending::polite) {
    stream_->shut_down_write();
    auto leaving = await_client_end();
    const Instant deadline = shard_.now() + linger;
    const auto left = co_await runtime::until(shard_, deadline, std::move(leaving));
    (void)left;  // whether in time or not, the connection ends
  }
  co_await intake_.stop();
  if (ending_ == Ending::silent) stream_->shut_down_write();
  if (ending_ == Ending::unread) {
    stream_->shut_down_write();
    const auto waited = co_await runtime::sleep_for(shard_, linger);
    (void)waited;  // cancelled: the server closes and nobody has a while
  }
}

}  // namespace portolan::http
