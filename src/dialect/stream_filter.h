#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/engine_kind.h"
#include "dialect/openai_request.h"
#include "wire/frame_payload.h"
#include "wire/json_scan.h"
#include "wire/splice.h"

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
  bool error = false;          // the engine says that it failed
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
  // to be broken off visibly; nothing of that event is forwarded. After [DONE]
  // or an error nothing more is forwarded.
  Result<FilteredEvent> next(std::string_view event);

  // Counts so far; never less than before. Until the engine tells, `completion`
  // is the number of events with content, `prompt` is 0, and `estimated` is set.
  const wire::UsageCounts& usage() const { return usage_; }

  bool saw_content() const { return saw_content_; }
  bool saw_finish_reason() const { return saw_finish_reason_; }

  // To be called at the end of the engine's bytes. Faults: connection_closed
  // when [DONE] did not come; engine_failed after an error event.
  Status finish() const;

 private:
  struct Edit {
    wire::Range range;  // of the data
    std::string_view with;
  };

  Result<FilteredEvent> filter_data(std::string_view event, std::string_view data,
                                    std::string_view type);
  FilteredEvent forward(std::string_view event);
  void read_choices(std::string_view data, FilteredEvent& out);
  void read_counts(std::string_view data, bool last);
  void plan_edits(std::string_view data, bool usage_chunk);
  void plan_removal(bool usage, bool timings);
  void add_pieces(std::string_view text, std::size_t data_at);

  AnswerTerms terms_;
  std::string model_json_;
  wire::UsageCounts usage_;
  std::uint64_t content_events_ = 0;
  bool saw_content_ = false;
  bool saw_finish_reason_ = false;
  bool done_ = false;
  bool failed_ = false;

  // Of the event at hand; kept for their memory.
  wire::ScannedObject object_;
  std::string joined_;
  std::string rendered_;
  std::array<Edit, 3> edits_{};
  std::size_t edit_count_ = 0;
  std::array<std::string_view, 7> pieces_{};
  std::size_t piece_count_ = 0;
};

// A whole answer, not streamed: `model` mapped back, all else as the engine
// sent it. `body` must outlive it.
struct FilteredAnswer {
  wire::Splice body;  // finished
  wire::UsageCounts usage;  // `estimated` and zero when the engine did not say
};

// Fault malformed_peer: not one JSON object.
Result<FilteredAnswer> filter_answer(std::string_view body, const AnswerTerms& terms);

}  // namespace portolan::dialect
