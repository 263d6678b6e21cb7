#include "http/client_connection.h"

#include <array>
#include <utility>

#include "http/fields_of.h"
#include "runtime/wait.h"
#include "wire/http_render.h"

namespace portolan::http {
namespace {

// Interim answers before the final one.
constexpr int interim_heads_max = 16;

Fault closed_early() {
  return {Code::connection_closed, Retry::elsewhere, "the peer closed without an answer"};
}

// What a peer did wrong may go right with another one.
Fault of_peer(Fault fault) {
  if (fault.code != Code::cancelled && fault.code != Code::deadline_exceeded) {
    fault.retry = Retry::elsewhere;
  }
  return fault;
}

wire::Framing framing_of(const std::string& method, const std::string& body) {
  const bool has_meaning = method == "POST" || method == "PUT" || method == "PATCH";
  if (body.empty() && !has_meaning) return wire::Framing::none();
  return wire::Framing::of_length(body.size());
}

}  // namespace

ClientConnection::ClientConnection(Pool& pool, std::unique_ptr<runtime::Stream> stream)
    : pool_(pool), shard_(pool.shard_), stream_(std::move(stream)), intake_(shard_, *stream_) {}

runtime::Task<Status> ClientConnection::send(std::string method, std::string target,
                                             OwnedFields fields, std::string body) {
  check(!asked_, "one request on a borrowed connection");
  asked_ = served_ = true;
  sent_ = false;
  body_.reset();
  if (!is_quiet()) co_return closed_early();
  method_ = std::move(method);
  lines_.clear();
  const auto views = views_of(fields);
  wire::render_request_head(lines_, {.method = method_,
                                     .target = target,
                                     .host = pool_.host_,
                                     .framing = framing_of(method_, body),
                                     .keep_alive = true,
                                     .fields = views});
  const std::array<std::string_view, 2> pieces{lines_, body};
  auto written = co_await runtime::write_all(shard_, *stream_, pieces);
  if (!written) co_return of_peer(std::move(written).error());
  sent_ = true;
  co_return written;
}

// True when a final head is there.
Result<bool> ClientConnection::take_head() {
  for (int interim = 0; interim < interim_heads_max; ++interim) {
    if (intake_.unread().empty()) return false;
    auto parsed = wire::parse_response_head(intake_.unread(), method_, head_);
    if (!parsed) return of_peer(std::move(parsed).error());
    if (*parsed == 0) return false;
    if (head_.status >= 200) {
      head_bytes_ = *parsed;
      body_.emplace(intake_, head_.framing, Code::malformed_peer);
      return true;
    }
    intake_.consume(*parsed);
  }
  return Fault{Code::malformed_peer, Retry::elsewhere, "the peer sends interim answers for ever"};
}

runtime::Task<Result<const wire::ResponseHead*>> ClientConnection::read_head() {
  check(asked_ && !body_, "a head is read once for each request");
  for (;;) {
    CO_TRY(const bool complete, take_head());
    if (complete) co_return &head_;
    auto came = co_await intake_.more();
    if (!came) co_return of_peer(std::move(came).error());
    if (*came == 0) co_return closed_early();
  }
}

runtime::Task<Result<std::string_view>> ClientConnection::read_some() {
  check(body_.has_value(), "the head comes before the body");
  intake_.consume(std::exchange(head_bytes_, 0));
  auto piece = co_await body_->next();
  if (!piece) co_return of_peer(std::move(piece).error());
  co_return piece;
}

bool ClientConnection::may_serve_again() {
  if (!served_) return is_quiet();
  if (!sent_ || !body_ || !body_->at_end() || !head_.keep_alive) return false;
  intake_.consume(std::exchange(head_bytes_, 0));
  (void)body_->next_buffered();  // lets go of the last piece
  return is_quiet();
}

void ClientConnection::rest() {
  reused_ = true;
  if (!intake_.pending() && intake_.is_large()) intake_.release();
  intake_.watch(*this);
}

void ClientConnection::wake() {
  intake_.unwatch();
  asked_ = false;
}

void ClientConnection::on_arrival() { pool_.drop(*this); }

runtime::Task<void> ClientConnection::stop_reading() { co_await intake_.stop(); }

}  // namespace portolan::http
