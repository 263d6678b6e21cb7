#include "gateway/client_answer.h"

#include <utility>

#include "base/limits.h"
#include "dialect/openai_error.h"

namespace portolan::gateway {
namespace {

// Not the engine's failure, and nobody is left to try again for.
Fault client_gone() { return {Code::cancelled, Retry::never, "the client left"}; }

}  // namespace

void ClientAnswer::start_attempt(const std::string& zone, const std::string& region) {
  zone_ = zone;
  region_ = region;
  record_.executor_zone = zone;
  record_.executor_region = region;
  counts_ = {};
  head_ = {};
  whole_.clear();
  last_.clear();
  record_.receipt.clear();
  gauge_.move_to(Phase::connecting);
}

runtime::Task<Status> ClientAnswer::sending() {
  ++record_.executions;
  record_.executor_gateway = gateway_id_;
  co_return Status{};
}

runtime::Task<Status> ClientAnswer::begin(AnswerHead head) {
  head_ = std::move(head);
  for (const http::OwnedField& field : fields_) head_.fields.push_back(field);
  head_.fields.push_back({"portolan-zone", zone_});
  head_.fields.push_back({"portolan-region", region_});
  co_return Status{};
}

runtime::Task<Status> ClientAnswer::begin_stream() {
  CO_TRY_DO(co_await record_.secure());
  begun_ = true;
  record_.first_byte = gateway_.shard().now();
  const Status begun = co_await exchange_.begin(head_.status, std::move(head_.fields));
  if (!begun) co_return client_gone();
  co_return Status{};
}

runtime::Task<Status> ClientAnswer::data(AnswerBytes& bytes) {
  if (!head_.stream) {
    for (const std::string_view piece : bytes.pieces) whole_ += piece;
    if (whole_.size() <= limits::body_bytes_max.count()) co_return Status{};
    co_return Fault{Code::engine_failed, Retry::never, "the answer is over body_bytes_max"};
  }
  CO_TRY_DO(co_await record_.count(counts_));
  if (!begun_) {
    CO_TRY_DO(co_await begin_stream());
  }
  const Status sent = co_await exchange_.send_pieces(bytes.pieces);
  if (!sent) co_return client_gone();
  record_.usage = counts_;
  co_return Status{};
}

void ClientAnswer::last(const AnswerBytes& bytes) {
  for (const std::string_view piece : bytes.pieces) last_ += piece;
}

runtime::Task<Status> ClientAnswer::finish() {
  const bool shown = shows_receipt_ && !record_.receipt.empty();
  if (begun_) {
    if (shown) last_.insert(0, ": portolan-receipt " + record_.receipt + "\n\n");
    const Status ended = co_await exchange_.finish_with(std::move(last_));
    if (!ended) co_return client_gone();
    co_return Status{};
  }
  begun_ = true;
  record_.first_byte = gateway_.shard().now();
  if (shown) head_.fields.push_back({"portolan-receipt", record_.receipt});
  const Status sent =
      co_await exchange_.respond(head_.status, std::move(head_.fields), std::move(whole_));
  if (!sent) co_return client_gone();
  co_return Status{};
}

runtime::Task<void> ClientAnswer::fail(Fault fault) {
  dialect::ErrorContext context;
  context.request_id = record_.request_id;
  std::string event;
  dialect::render_error_event(event, fault, context);
  const Status sent = co_await exchange_.send(std::move(event));
  (void)sent;  // broken off either way
  exchange_.break_off();
}

}  // namespace portolan::gateway
