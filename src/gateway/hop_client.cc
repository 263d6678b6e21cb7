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

// What the executor has said so far.
struct Heard {
  bool sending = false;  // the body goes to an engine
  bool ending = false;   // what data follow are the last bytes
};

runtime::Task<Status> take_data(std::string_view& payload, Heard& heard, AnswerSink& sink) {
  const std::array pieces = {payload};
  AnswerBytes bytes{pieces};
  if (heard.ending) {
    sink.last(bytes);
    co_return Status{};
  }
  const Status sent = co_await sink.data(bytes);
  co_return sent;
}

runtime::Task<Status> take_heartbeat(std::string_view& payload, Heard& heard, AnswerSink& sink) {
  if (payload == sending_mark) {
    heard.sending = true;
    const Status counted = co_await sink.sending();
    co_return counted;
  }
  if (payload == ending_mark) {
    heard.ending = true;
  } else {
    sink.enter(phase_named(payload));
  }
  co_return Status{};
}

runtime::Task<Status> take_frame(wire::Frame& frame, Heard& heard, AnswerSink& sink) {
  if (frame.kind == wire::FrameKind::data) {
    const Status taken = co_await take_data(frame.payload, heard, sink);
    co_return taken;
  }
  if (frame.kind == wire::FrameKind::heartbeat) {
    const Status taken = co_await take_heartbeat(frame.payload, heard, sink);
    co_return taken;
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
  if (frame.kind == wire::FrameKind::receipt) sink.receipt(std::string(frame.payload));
  if (frame.kind == wire::FrameKind::fault) {
    CO_TRY(auto payload, wire::parse_fault(frame.payload));
    co_return std::move(payload.fault);
  }
  co_return Status{};
}

runtime::Task<Status> relay_frames(Gateway& gateway, http::ClientExchange& hop, AnswerSink& sink) {
  FrameReader reader;
  Heard heard;
  for (;;) {
    const Instant silent_until = gateway.shard().now() + limits::hop_silence_max_ms.milliseconds();
    auto reading = hop.read_some();
    const auto bytes = co_await runtime::until(gateway.shard(), silent_until, std::move(reading));
    if (!bytes) {
      const Status lost = co_await lose(bytes.error(), heard.sending, sink);
      co_return lost;
    }
    if (bytes->empty()) break;
    reader.add(*bytes);
    for (;;) {
      CO_TRY(auto frame, reader.next());
      if (!frame) break;
      if (frame->skip) continue;
      CO_TRY_DO(co_await take_frame(*frame, heard, sink));
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
