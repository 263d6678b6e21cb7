#include "gateway/hop_sink.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "gateway/hop_frames.h"
#include "gateway/usage_checkpoint.h"
#include "runtime/combine.h"
#include "runtime/wait.h"

namespace portolan::gateway {
namespace {

void add_usage(std::string& frames, const wire::UsageCounts& counts) {
  std::string payload;
  wire::render_usage(payload, counts);
  wire::render_frame(frames, wire::FrameKind::usage, payload);
}

void add_data(std::string& frames, const AnswerBytes& bytes) {
  for (std::string_view piece : bytes.pieces) {
    while (!piece.empty()) {
      const std::string_view part = piece.substr(0, limits::frame_bytes_max.count());
      wire::render_frame(frames, wire::FrameKind::data, part);
      piece.remove_prefix(part.size());
    }
  }
}

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
  if (checkpoint_due(counts_, told_)) {
    add_usage(frames, counts_);
    told_ = counts_;
  }
  add_data(frames, bytes);
  const Status sent = co_await write(std::move(frames));
  co_return sent;
}

void HopSink::last(const AnswerBytes& bytes) {
  wire::render_frame(last_, wire::FrameKind::heartbeat, ending_mark);
  add_data(last_, bytes);
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
  add_usage(frames, counts_);
  if (!receipt_.empty()) wire::render_frame(frames, wire::FrameKind::receipt, receipt_);
  frames += last_;
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
