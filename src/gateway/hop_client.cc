#include "gateway/hop_client.h"

#include <array>
#include <utility>

#include "base/limits.h"
#include "gateway/hop_frames.h"
#include "runtime/combine.h"

namespace portolan::gateway {
namespace {

std::string render_hop(const Envelope& envelope, std::string_view body) {
  std::string frames;
  frames.reserve(body.size() + 4096);
  wire::render_frame(frames, wire::FrameKind::head, render_envelope(envelope));
  while (!body.empty()) {
    const std::string_view part = body.substr(0, limits::frame_bytes_max.count());
    wire::render_frame(frames, wire::FrameKind::data, part);
    body.remove_prefix(part.size());
  }
  return frames;
}

Fault lost_fault(const Fault& fault) {
  if (fault.code == Code::cancelled) return fault;
  return {Code::engine_failed, Retry::elsewhere, "the executor was lost: " + fault.message};
}

// The executor is lost. One that fell silent or was reset may have sent the body
// to an engine, and its word of that may be what was lost: it counts as an
// execution, so that executions_max holds. Before an end of file all is heard.
runtime::Task<Status> lose(Fault fault, bool told, AnswerSink& sink) {
  const bool unheard =
      fault.code == Code::deadline_exceeded || fault.code == Code::connection_reset;
  if (unheard && !told) {
    CO_TRY_DO(co_await sink.sending());
  }
  co_return lost_fault(fault);
}

bool is_sending_mark(const wire::Frame& frame) {
  return frame.kind == wire::FrameKind::heartbeat && frame.payload == sending_mark;
}

runtime::Task<Status> take_frame(wire::Frame& frame, AnswerSink& sink) {
  if (frame.kind == wire::FrameKind::data) {
    const std::array pieces = {frame.payload};
    AnswerBytes bytes{pieces};
    const Status sent = co_await sink.data(bytes);
    co_return sent;
  }
  if (frame.kind == wire::FrameKind::heartbeat) {
    if (!is_sending_mark(frame)) {
      sink.enter(phase_named(frame.payload));
      co_return Status{};
    }
    const Status counted = co_await sink.sending();
    co_return counted;
  }
  if (frame.kind == wire::FrameKind::head) {
    CO_TRY(auto head, parse_answer_head(frame.payload));
    const Status begun = co_await sink.begin(std::move(head));
    co_return begun;
  }
  if (frame.kind == wire::FrameKind::usage) {
    CO_TRY(const wire::UsageCounts counts, wire::parse_usage(frame.payload));
    sink.usage(counts);
  }
  if (frame.kind == wire::FrameKind::fault) {
    CO_TRY(auto payload, wire::parse_fault(frame.payload));
    co_return std::move(payload.fault);
  }
  co_return Status{};
}

runtime::Task<Status> relay_frames(Gateway& gateway, http::ClientExchange& hop, AnswerSink& sink) {
  FrameReader reader;
  bool told = false;  // that the body goes to an engine
  for (;;) {
    const Instant silent_until = gateway.shard().now() + limits::hop_silence_max_ms.milliseconds();
    auto reading = hop.read_some();
    const auto bytes = co_await runtime::until(gateway.shard(), silent_until, std::move(reading));
    if (!bytes) {
      const Status lost = co_await lose(bytes.error(), told, sink);
      co_return lost;
    }
    if (bytes->empty()) break;
    reader.add(*bytes);
    for (;;) {
      CO_TRY(auto frame, reader.next());
      if (!frame) break;
      if (frame->skip) continue;
      told = told || is_sending_mark(*frame);
      CO_TRY_DO(co_await take_frame(*frame, sink));
    }
  }
  if (reader.empty()) co_return Status{};
  co_return Fault{Code::engine_failed, Retry::elsewhere, "the executor's frames were cut short"};
}

}  // namespace

runtime::Task<Status> forward_to(Gateway& gateway, http::Pool& pool, Envelope& envelope,
                                 std::string_view& body, AnswerSink& sink) {
  const Instant deadline = gateway.shard().now() + limits::connect_timeout_ms.milliseconds();
  auto hop = co_await pool.borrow(deadline);
  if (!hop) {
    Fault fault = hop.error();
    if (fault.code != Code::cancelled) fault.retry = Retry::elsewhere;
    co_return fault;
  }
  ++gateway.metrics().hops_out;
  http::OwnedFields fields;
  fields.push_back({"content-type", "application/vnd.portolan.frames"});
  envelope.sent_at = gateway.shard().wall_now();
  std::string frames = render_hop(envelope, body);
  const Instant sent_by = gateway.shard().now() + limits::write_stall_ms.milliseconds();
  auto sending = hop->send("POST", std::string(hop_path), std::move(fields), std::move(frames));
  const Status sent = co_await runtime::until(gateway.shard(), sent_by, std::move(sending));
  if (!sent) co_return lost_fault(sent.error());
  const Instant silent_until = gateway.shard().now() + limits::hop_silence_max_ms.milliseconds();
  auto reading = hop->read_head();
  const auto head = co_await runtime::until(gateway.shard(), silent_until, std::move(reading));
  if (!head) {
    const Status lost = co_await lose(head.error(), false, sink);
    co_return lost;
  }
  if ((*head)->status != 200) {
    co_return Fault{Code::unreachable, Retry::elsewhere,
                    "the executor answers " + std::to_string((*head)->status)};
  }
  const Status relayed = co_await relay_frames(gateway, *hop, sink);
  co_return relayed;
}

}  // namespace portolan::gateway
