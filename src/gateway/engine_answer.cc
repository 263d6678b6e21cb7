#include "gateway/engine_answer.h"

#include <array>
#include <utility>

#include "base/limits.h"
#include "dialect/client_headers.h"
#include "dialect/engine_error.h"
#include "runtime/combine.h"

namespace portolan::gateway {
namespace {

// From the end of an engine's stream to the end of its message.
constexpr Duration rest_within = Duration::seconds(1);

// A fault of the engine's connection: another zone may try.
Fault at_engine(Fault fault) {
  if (fault.code == Code::cancelled) return fault;
  if (fault.code == Code::deadline_exceeded) {
    return {Code::engine_failed, Retry::elsewhere, "the engine said nothing for too long"};
  }
  fault.retry = Retry::elsewhere;
  return fault;
}

}  // namespace

runtime::Task<Status> EngineAnswer::relay(AnswerSink& sink) {
  const Instant silent_until = shard_.now() + limits::engine_silence_max_ms.milliseconds();
  auto reading = connection_.read_head();
  auto head = co_await runtime::until(shard_, silent_until, std::move(reading));
  if (!head) co_return at_engine(head.error());
  const int status = (*head)->status;
  fields_.clear();
  for (auto& [name, value] : dialect::client_headers((*head)->fields)) {
    fields_.push_back({std::move(name), std::move(value)});
  }
  const dialect::EngineVerdict verdict = dialect::engine_verdict(status);
  if (verdict == dialect::EngineVerdict::busy || verdict == dialect::EngineVerdict::failed) {
    co_return dialect::engine_fault(status);
  }
  if (verdict == dialect::EngineVerdict::refused) {
    const Status relayed = co_await relay_refusal(status, sink);
    co_return relayed;
  }
  sink.enter(Phase::prefill);
  if (stream_) {
    const Status relayed = co_await relay_stream(sink);
    co_return relayed;
  }
  const Status relayed = co_await relay_whole(sink);
  co_return relayed;
}

runtime::Task<Result<std::string_view>> EngineAnswer::read_more() {
  const Instant silent_until = shard_.now() + limits::engine_silence_max_ms.milliseconds();
  auto reading = connection_.read_some();
  auto bytes = co_await runtime::until(shard_, silent_until, std::move(reading));
  if (!bytes) co_return at_engine(bytes.error());
  co_return *bytes;
}

runtime::Task<Status> EngineAnswer::relay_stream(AnswerSink& sink) {
  while (!done_) {
    CO_TRY(const std::string_view bytes, co_await read_more());
    if (bytes.empty()) {
      const Status cut = filter_.finish();
      if (!cut) co_return at_engine(cut.error());
      break;
    }
    unread_.append(bytes);
    CO_TRY_DO(co_await relay_events(sink));
  }
  const Status ended = filter_.finish();
  if (ended) co_await read_rest();
  co_return ended;
}

// What stands behind the answer's end, so that the connection can be used again.
// The answer is whole without it.
runtime::Task<void> EngineAnswer::read_rest() {
  const Instant deadline = shard_.now() + rest_within;
  auto reading = connection_.read_all(limits::event_bytes_max.count());
  const auto rest = co_await runtime::until(shard_, deadline, std::move(reading));
  (void)rest;  // a connection that was not read to its end is not used again
}

runtime::Task<Status> EngineAnswer::relay_events(AnswerSink& sink) {
  std::size_t begin = 0;
  while (!done_) {
    const auto length = splitter_.next(std::string_view(unread_).substr(begin));
    if (!length) co_return at_engine(length.error());
    if (*length == 0) break;
    auto event = filter_.next(std::string_view(unread_).substr(begin, *length));
    if (!event) co_return at_engine(event.error());
    begin += *length;
    if (event->error) {
      co_return Fault{Code::engine_failed, Retry::elsewhere, "the engine reports an error"};
    }
    done_ = event->done;
    CO_TRY_DO(co_await forward(*event, sink));
  }
  unread_.erase(0, begin);
  co_return Status{};
}

// Events without content are held until the first one with: up to then another
// engine can take the request over and nobody sees it.
runtime::Task<Status> EngineAnswer::forward(dialect::FilteredEvent& event, AnswerSink& sink) {
  if (!streaming_ && !event.content && !event.finish_reason && !event.done) {
    for (const std::string_view piece : event.pieces) leading_ += piece;
    co_return Status{};
  }
  if (!streaming_) {
    streaming_ = true;
    AnswerHead head{.status = 200, .fields = fields_, .stream = true};
    CO_TRY_DO(co_await sink.begin(std::move(head)));
    sink.enter(Phase::streaming);
  }
  if (!leading_.empty()) {
    const std::array held = {std::string_view(leading_)};
    AnswerBytes bytes{held};
    CO_TRY_DO(co_await sink.data(bytes));
    leading_.clear();
  }
  sink.usage(filter_.usage());
  if (event.pieces.empty()) co_return Status{};
  AnswerBytes bytes{event.pieces};
  if (event.done) {
    sink.last(bytes);
    co_return Status{};
  }
  const Status sent = co_await sink.data(bytes);
  co_return sent;
}

runtime::Task<Status> EngineAnswer::relay_whole(AnswerSink& sink) {
  const Instant silent_until = shard_.now() + limits::engine_silence_max_ms.milliseconds();
  auto reading = connection_.read_all(limits::body_bytes_max.count());
  auto body = co_await runtime::until(shard_, silent_until, std::move(reading));
  if (!body) co_return at_engine(body.error());
  auto filtered = dialect::filter_answer(*body, terms_);
  if (!filtered) co_return at_engine(filtered.error());
  const std::string whole = filtered->body.joined();
  AnswerHead head{.status = 200, .fields = fields_, .stream = false};
  CO_TRY_DO(co_await sink.begin(std::move(head)));
  sink.enter(Phase::streaming);
  counts_ = filtered->usage;
  sink.usage(counts_);
  const std::array pieces = {std::string_view(whole)};
  AnswerBytes bytes{pieces};
  const Status sent = co_await sink.data(bytes);
  co_return sent;
}

runtime::Task<Status> EngineAnswer::relay_refusal(int status, AnswerSink& sink) {
  auto body = co_await connection_.read_all(limits::event_bytes_max.count());
  if (!body) co_return at_engine(body.error());
  dialect::ErrorContext context;
  context.request_id = request_id_;
  dialect::ErrorAnswer refusal = dialect::engine_refusal(status, *body, context);
  AnswerHead head{.status = refusal.status, .fields = {}, .stream = false};
  for (auto& [name, value] : refusal.fields) {
    head.fields.push_back({std::move(name), std::move(value)});
  }
  CO_TRY_DO(co_await sink.begin(std::move(head)));
  const std::array pieces = {std::string_view(refusal.body)};
  AnswerBytes bytes{pieces};
  const Status sent = co_await sink.data(bytes);
  co_return sent;
}

}  // namespace portolan::gateway
