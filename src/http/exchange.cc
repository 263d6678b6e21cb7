#include "http/exchange.h"

#include <array>
#include <utility>

#include "http/server_connection.h"
#include "wire/chunked.h"

namespace portolan::http {
namespace {

// Bytes of an answer that are written under one write_stall.
constexpr std::size_t slice_bytes = 256 * 1024;

// What a handler hears that goes on answering a client who is no longer there.
Fault broken_off_fault() {
  return {Code::connection_closed, Retry::never, "the answer was broken off"};
}

}  // namespace

Exchange::Exchange(ServerConnection& connection, const wire::RequestHead& head)
    : connection_(connection), head_(head), began_(connection.shard_.now()) {}

runtime::Shard& Exchange::shard() { return connection_.shard_; }
std::string Exchange::peer_identity() const { return connection_.stream_->peer_identity(); }
std::string Exchange::peer_address() const { return connection_.stream_->peer_address(); }

runtime::Task<Result<std::string>> Exchange::read_body(std::size_t bytes_max) {
  auto body = co_await connection_.read_body(bytes_max);
  if (body) bytes_in_ = body->size();
  co_return body;
}

// RFC 9110 section 6.4.1: what never has a body, whatever its fields say.
bool Exchange::may_have_body(int status) const {
  return head_.method != "HEAD" && status != 204 && status != 304;
}

runtime::Task<Status> Exchange::flush(std::size_t body_bytes) {
  if (broken_off_) {
    connection_.unstage();
    co_return broken_off_fault();
  }
  auto written = co_await connection_.flush();
  if (written) {
    bytes_out_ += body_bytes;
  } else {
    broken_off_ = true;
  }
  co_return written;
}

runtime::Task<Status> Exchange::respond(int status, OwnedFields fields, std::string body) {
  check(status_ == 0, "a request is answered once");
  if (broken_off_) co_return broken_off_fault();
  check(status >= 200, "an answer is final");
  connection_.settle_request();
  const bool silent = status == 204 || status == 304;
  connection_.stage_head(
      status, silent ? wire::Framing::none() : wire::Framing::of_length(body.size()), fields);
  std::string_view left = may_have_body(status) ? std::string_view(body) : std::string_view();
  do {
    const std::string_view slice = left.substr(0, slice_bytes);
    connection_.stage(slice);
    CO_TRY_DO(co_await flush(slice.size()));
    status_ = status;
    left.remove_prefix(slice.size());
  } while (!left.empty());
  finished_ = true;
  co_return Status();
}

runtime::Task<Status> Exchange::begin(int status, OwnedFields fields) {
  check(status_ == 0, "a request is answered once");
  if (broken_off_) co_return broken_off_fault();
  check(status >= 200, "an answer is final");
  connection_.settle_request();
  bare_ = !may_have_body(status);
  auto framing = wire::Framing::chunked();
  if (status == 204 || status == 304) {
    framing = wire::Framing::none();
  } else if (head_.old_version) {
    framing = wire::Framing::until_close();
  }
  chunked_ = framing == wire::Framing::chunked();
  connection_.stage_head(status, framing, fields);
  CO_TRY_DO(co_await flush(0));
  status_ = status;
  co_return Status();
}

std::size_t Exchange::stage_chunk(std::span<const std::string_view> pieces) {
  if (broken_off_) return 0;
  check(status_ != 0 && !finished_, "pieces belong between begin and finish");
  std::size_t bytes = 0;
  for (const std::string_view piece : pieces) bytes += piece.size();
  // An empty chunk would be the last one.
  if (bare_ || bytes == 0) return 0;
  if (chunked_) {
    wire::render_chunk_size(connection_.lines_, bytes);
    connection_.stage(connection_.lines_);
  }
  for (const std::string_view piece : pieces) connection_.stage(piece);
  if (chunked_) connection_.stage("\r\n");
  return bytes;
}

runtime::Task<Status> Exchange::send(std::string bytes) {
  for (std::string_view left = bytes; !left.empty();) {
    const std::array slice{left.substr(0, slice_bytes)};
    left.remove_prefix(slice[0].size());
    const std::size_t staged = stage_chunk(slice);
    CO_TRY_DO(co_await flush(staged));
  }
  co_return Status();
}

runtime::Task<Status> Exchange::send_pieces(std::span<const std::string_view> pieces) {
  check(pieces.size() <= send_pieces_max, "too many pieces for one chunk");
  return flush(stage_chunk(pieces));
}

runtime::Task<Status> Exchange::finish() { return finish_with({}); }

runtime::Task<Status> Exchange::finish_with(std::string bytes) {
  const std::array piece{std::string_view(bytes)};
  const std::size_t staged = stage_chunk(piece);
  if (chunked_ && !bare_) connection_.stage(wire::last_chunk);
  CO_TRY_DO(co_await flush(staged));
  finished_ = true;
  co_return Status();
}

void Exchange::break_off() { broken_off_ = true; }

}  // namespace portolan::http
