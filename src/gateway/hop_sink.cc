#include "gateway/hop_sink.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "gateway/hop_frames.h"
#include "runtime/combine.h"
#include "runtime/wait.h"

namespace portolan::gateway {
namespace {

// The entry never lacks more than these many tokens of the count.
constexpr std::uint64_t tokens_between_usage_frames = 64;

}  // namespace

runtime::Task<Status> HopSink::write(std::string frames) {
  while (writing_) {
    CO_TRY_DO(co_await free_.wait());
  }
  writing_ = true;
  const Status sent = co_await exchange_.send(std::move(frames));
  writing_ = false;
  free_.notify_all();
  // Not the engine's failure: it must not be held against its health.
  if (!sent) co_return Fault{Code::cancelled, Retry::never, "the entry left"};
  co_return Status{};
}

runtime::Task<Status> HopSink::sending() {
  std::string frame;
  wire::render_frame(frame, wire::FrameKind::heartbeat, sending_mark);
  const Status sent = co_await write(std::move(frame));
  co_return sent;
}

runtime::Task<Status> HopSink::begin(AnswerHead head) {
  std::string frame;
  wire::render_frame(frame, wire::FrameKind::head, render_answer_head(head));
  const Status sent = co_await write(std::move(frame));
  co_return sent;
}

runtime::Task<Status> HopSink::data(AnswerBytes& bytes) {
  std::string frames;
  if (counts_.completion.value >= told_.completion.value + tokens_between_usage_frames) {
    std::string usage_payload;
    wire::render_usage(usage_payload, counts_);
    wire::render_frame(frames, wire::FrameKind::usage, usage_payload);
    told_ = counts_;
  }
  for (std::string_view piece : bytes.pieces) {
    while (!piece.empty()) {
      const std::string_view part = piece.substr(0, limits::frame_bytes_max.count());
      wire::render_frame(frames, wire::FrameKind::data, part);
      piece.remove_prefix(part.size());
    }
  }
  const Status sent = co_await write(std::move(frames));
  co_return sent;
}

runtime::Task<Status> HopSink::beat() {
  for (;;) {
    CO_TRY_DO(co_await runtime::sleep_for(gateway_.shard(), limits::heartbeat_ms.milliseconds()));
    if (writing_) continue;
    std::string frame;
    wire::render_frame(frame, wire::FrameKind::heartbeat, name_of(phase_));
    // A frame cut in two would end the hop: once begun it is written whole.
    auto writing = write(std::move(frame));
    CO_TRY_DO(co_await runtime::uncancelled(std::move(writing)));
  }
}

runtime::Task<Status> HopSink::finish() {
  std::string frames;
  std::string payload;
  wire::render_usage(payload, counts_);
  wire::render_frame(frames, wire::FrameKind::usage, payload);
  const Status sent = co_await exchange_.finish_with(std::move(frames));
  co_return sent;
}

runtime::Task<Status> HopSink::fail(Fault fault) {
  std::string payload;
  wire::render_fault(payload, {.fault = std::move(fault), .held = gateway_.held_versions()});
  std::string frame;
  wire::render_frame(frame, wire::FrameKind::fault, payload);
  const Status sent = co_await exchange_.finish_with(std::move(frame));
  co_return sent;
}

}  // namespace portolan::gateway
