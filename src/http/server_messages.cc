// What a ServerConnection reads and writes for an Exchange.

#include <utility>
#include <vector>

#include "http/fields_of.h"
#include "http/server_connection.h"
#include "runtime/combine.h"
#include "runtime/wait.h"
#include "wire/http_render.h"

namespace portolan::http {
namespace {

constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

Fault body_too_large(std::size_t bytes_max) {
  return {Code::body_too_large, Retry::never,
          "The request's body has more than " + std::to_string(bytes_max) + " bytes."};
}

}  // namespace

runtime::Task<Result<std::string>> ServerConnection::take_body(StallScope& stall,
                                                               std::size_t bytes_max) {
  std::string body;
  if (head_.framing.kind == wire::Framing::Kind::length) body.reserve(head_.framing.length);
  for (;;) {
    CO_TRY(const std::string_view piece, co_await body_->next());
    if (piece.empty()) co_return body;
    if (piece.size() > bytes_max - body.size()) co_return body_too_large(bytes_max);
    body.append(piece);
    stall.postpone(server_.options_.body_stall);
  }
}

runtime::Task<Result<std::string>> ServerConnection::read_body(std::size_t bytes_max) {
  check(!body_begun_, "a body is read once");
  const bool announced = head_.framing.kind == wire::Framing::Kind::length;
  if (announced && head_.framing.length > bytes_max) co_return body_too_large(bytes_max);
  body_begun_ = true;
  if (head_.expects_continue && !body_->at_end() && intake_.unread().empty()) {
    stage(go_on);
    CO_TRY_DO(co_await flush());
  }
  runtime::CancelScope* outer = co_await runtime::CurrentScope{};
  StallScope stall(shard_, outer, server_.options_.body_stall);
  auto taking = take_body(stall, bytes_max);
  auto body = co_await std::move(taking).under(stall);
  if (body) {
    body_over_ = true;
    intake_.watch(*this);
    co_return body;
  }
  if (body.error().code == Code::timed_out) {
    co_return Fault{Code::request_timeout, Retry::never, "The request's body came too slowly."};
  }
  // The client's end is the end of the work for it.
  if (intake_.ended() && handling_ != nullptr) handling_->cancel();
  co_return body;
}

// Takes a body that nobody asked for off the buffer, if it is there to its end.
bool ServerConnection::skip_body() {
  if (body_begun_) return false;
  body_begun_ = true;
  for (;;) {
    const auto piece = body_->next_buffered();
    if (!piece) return false;
    if (piece->empty()) return body_->at_end();
  }
}

void ServerConnection::settle_request() {
  body_over_ = body_over_ || skip_body();
  keep_alive_ = body_over_ && head_.keep_alive && !head_.old_version && !server_.draining_;
}

void ServerConnection::stage_head(int status, wire::Framing framing, const OwnedFields& fields) {
  const std::vector<wire::Field> views = views_of(fields);
  wire::render_response_head(
      lines_, {.status = status, .framing = framing, .keep_alive = keep_alive_, .fields = views});
  stage(lines_);
}

void ServerConnection::stage(std::string_view piece) {
  check(piece_count_ < pieces_.size(), "too many pieces for one write");
  pieces_[piece_count_++] = piece;
}

void ServerConnection::unstage() {
  piece_count_ = 0;
  lines_.clear();
}

runtime::Task<Status> ServerConnection::write_staged() {
  const std::span<const std::string_view> pieces(pieces_.data(), piece_count_);
  auto written = co_await runtime::write_all(shard_, *stream_, pieces);
  co_return written;
}

runtime::Task<Status> ServerConnection::flush() {
  auto writing = write_staged();
  const Instant deadline = shard_.now() + server_.options_.write_stall;
  auto written = co_await runtime::until(shard_, deadline, std::move(writing));
  unstage();
  if (!written && written.error().code == Code::deadline_exceeded) {
    co_return Fault{Code::timed_out, Retry::never, "the client does not read its answer"};
  }
  co_return written;
}

}  // namespace portolan::http
