#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "dialect/engine_kind.h"
#include "dialect/event_edit.h"
#include "dialect/openai_request.h"
#include "dialect/usage_tally.h"
#include "wire/splice.h"
#include "wire/sse.h"

namespace portolan::dialect {

// What the client asked for, and so what may be left in the engine's answer.
struct AnswerTerms {
  std::string model;  // as the client named it
  EngineKind kind = EngineKind::openai;
  bool usage = false;          // stream_options.include_usage
  bool running_usage = false;  // stream_options.continuous_usage_stats
  bool timings = false;        // timings_per_token
};
AnswerTerms answer_terms(const ReadRequest& request, EngineKind kind);

// What becomes of one event. The pieces are written one after another; they
// are views of the event and of the filter, valid until the next call, and
// together whole events. No pieces: nothing of it is forwarded.
struct FilteredEvent {
  std::span<const std::string_view> pieces;
  bool content = false;        // carries output: text, reasoning or a tool call
  bool finish_reason = false;  // says why a choice ended
  bool done = false;           // [DONE]: nothing follows
  bool error = false;          // the engine says that it failed; finish() says why
};

// Filters an engine's stream at the executor, an event at a time as
// wire::SseSplitter cuts them: maps `model` back and takes out usage and
// timings that we asked for and the client did not.
//
// A value of one stream: keeps its counts. One scan an event, no allocation in
// the common case.
class StreamFilter {
 public:
  explicit StreamFilter(AnswerTerms terms);

  // Fault malformed_peer: data that is not one JSON object. The stream is then
  // to be broken off visibly; nothing of that event is forwarded. An engine's
  // error is not forwarded either, so that the client reads ours, with its
  // request id. After [DONE] or an error nothing more is forwarded.
  Result<FilteredEvent> next(std::string_view event);

  // Counts so far. Until the engine tells, `completion` is the number of events
  // with content, `prompt` is 0, and `estimated` is set.
  const wire::UsageCounts& usage() const { return tally_.counts(); }

  bool saw_content() const { return saw_content_; }
  bool saw_finish_reason() const { return saw_finish_reason_; }

  // To be called at the end of the engine's bytes, or when an event was an error.
  // Faults: engine_failed after an error; connection_closed when [DONE] did not
  // come: such an answer is not whole, however well it reads.
  Status finish() const;

 private:
  // What one chunk says of its choices.
  struct Choices {
    bool any = false;
    std::optional<std::uint64_t> index;  // of the last of them
  };

  Result<FilteredEvent> filter_data(std::string_view event, const wire::SseEvent& read);
  Choices read_choices(std::string_view data, FilteredEvent& out) const;
  bool failed_here(const wire::SseEvent& read);
  EventEdit::Plan plan(std::string_view data, bool has_choices) const;
  std::span<const std::string_view> edited(std::string_view event, const wire::SseEvent& read);

  AnswerTerms terms_;
  UsageSwitches switches_;  // that we switched on
  std::string model_json_;
  UsageTally tally_;
  bool saw_content_ = false;
  bool saw_finish_reason_ = false;
  bool done_ = false;
  bool failed_ = false;
  std::string engine_says_;  // of a failure; may be empty

  // Of the event at hand; kept for their memory.
  wire::ScannedObject object_;
  std::string joined_;
  std::string rendered_;
  std::string_view whole_;
  EventEdit edit_;
};

// A whole answer, not streamed: `model` mapped back, all else as the engine
// sent it. `body` must outlive it.
struct FilteredAnswer {
  wire::Splice body;        // finished
  wire::UsageCounts usage;  // `estimated` and zero when the engine did not say
};

// Fault malformed_peer: not one JSON object.
Result<FilteredAnswer> filter_answer(std::string_view body, const AnswerTerms& terms);

}  // namespace portolan::dialect
