#include "dialect/stream_filter.h"

#include <functional>
#include <utility>

#include "dialect/engine_says.h"
#include "dialect/json_walk.h"
#include "wire/json_writer.h"

namespace portolan::dialect {
namespace {

using wire::JsonKind;
using wire::ScannedMember;

Fault malformed(std::string_view what) {
  return {.code = Code::malformed_peer, .retry = Retry::elsewhere, .message = std::string(what)};
}

bool lies_within(std::string_view part, std::string_view whole) {
  return std::less_equal<>{}(whole.data(), part.data()) &&
         std::less_equal<>{}(part.data() + part.size(), whole.data() + whole.size());
}

bool says_something(std::string_view json) {
  return json != "null" && json != "\"\"" && json != "[]" && json != "{}";
}

// Does the delta carry output? All but the role is: text, reasoning, tool calls,
// and what engines add.
bool delta_has_output(std::string_view data, wire::Range delta) {
  for (JsonWalk walk(data, delta); walk.next();) {
    if (walk.key() != "role" && says_something(walk.text())) return true;
  }
  return false;
}

// The member when its value is a string other than `json`.
const ScannedMember* other_string(std::string_view text, const ScannedMember* member,
                                  std::string_view json) {
  if (member == nullptr || member->kind != JsonKind::string) return nullptr;
  return member->value.of(text) == json ? nullptr : member;
}

std::string json_of(std::string_view text) {
  std::string json;
  wire::append_json_string(json, text);
  return json;
}

}  // namespace

AnswerTerms answer_terms(const ReadRequest& request, EngineKind kind) {
  return {.model = request.facts.model,
          .kind = kind,
          .usage = request.facts.wants_usage,
          .running_usage = request.facts.wants_usage && request.wants_running_usage,
          .timings = request.wants_timings};
}

StreamFilter::StreamFilter(AnswerTerms terms)
    : terms_(std::move(terms)),
      switches_(usage_switches(terms_.kind)),
      model_json_(json_of(terms_.model)) {}

Result<FilteredEvent> StreamFilter::next(std::string_view event) {
  if (done_ || failed_) return FilteredEvent{};
  const wire::SseEvent read = wire::parse_event(event, joined_);
  const bool done = read.has_data && read.data.starts_with("[DONE]");  // as SDKs look for it
  if (read.has_data && !done) return filter_data(event, read);
  FilteredEvent out;
  done_ = out.done = done;
  // llama.cpp wrote "error: {...}" before it learned to write data: clients do
  // not see such a line.
  failed_ = out.error = !read.has_data && event.starts_with("error:");
  if (!failed_) {
    whole_ = event;
    out.pieces = {&whole_, 1};
  }
  return out;
}

Result<FilteredEvent> StreamFilter::filter_data(std::string_view event,
                                                const wire::SseEvent& read) {
  if (!wire::scan_object(read.data, object_)) {
    return malformed("The engine sent an event that is not one JSON object.");
  }
  FilteredEvent out;
  if (failed_here(read)) {
    failed_ = out.error = true;
    return out;
  }
  const Choices choices = read_choices(read.data, out);
  if (out.content) tally_.count_content();
  tally_.read(read.data, object_, choices.any ? choices.index : std::nullopt);
  saw_content_ |= out.content;
  saw_finish_reason_ |= out.finish_reason;
  const ScannedMember* usage = object_.find("usage");
  const bool usage_chunk = !choices.any && usage != nullptr && usage->kind == JsonKind::object;
  if (usage_chunk && !terms_.usage) return out;
  edit_.plan(object_, plan(read.data, choices.any));
  out.pieces = edited(event, read);
  return out;
}

StreamFilter::Choices StreamFilter::read_choices(std::string_view data, FilteredEvent& out) const {
  Choices choices;
  const ScannedMember* member = object_.find("choices");
  if (member == nullptr || member->kind != JsonKind::array) return choices;
  for (JsonWalk choice(data, member->value); choice.next();) {
    choices.any = true;
    for (JsonWalk walk(data, choice.value()); walk.next();) {
      if (walk.key() == "index") {
        choices.index = whole_number(walk.text());
      } else if (walk.key() == "finish_reason") {
        out.finish_reason |= walk.text() != "null";
      } else if (walk.key() == "delta") {
        out.content |= delta_has_output(data, walk.value());
      } else if (walk.key() == "text") {
        out.content |= says_something(walk.text());
      }
    }
  }
  return choices;
}

bool StreamFilter::failed_here(const wire::SseEvent& read) {
  const ScannedMember* error = object_.find("error");
  if (error != nullptr && says_something(error->value.of(read.data))) {
    engine_says_ = engine_says(read.data, error->value);
    return true;
  }
  return read.type == "error";
}

EventEdit::Plan StreamFilter::plan(std::string_view data, bool has_choices) const {
  EventEdit::Plan plan{.model = other_string(data, object_.find("model"), model_json_),
                       .model_json = model_json_};
  const ScannedMember* usage = object_.find("usage");
  const bool running = usage != nullptr && has_choices && switches_.continuous_usage_stats &&
                       usage->kind == JsonKind::object;
  if (!terms_.usage || (running && !terms_.running_usage)) plan.usage = usage;
  if (switches_.timings_per_token && !terms_.timings) plan.timings = object_.find("timings");
  return plan;
}

std::span<const std::string_view> StreamFilter::edited(std::string_view event,
                                                       const wire::SseEvent& read) {
  whole_ = event;
  if (edit_.empty()) return {&whole_, 1};
  if (lies_within(read.data, event)) {
    return edit_.pieces(event, static_cast<std::size_t>(read.data.data() - event.data()));
  }
  std::string data;
  for (const std::string_view piece : edit_.pieces(read.data, 0)) data += piece;
  rendered_.clear();
  wire::render_event(rendered_, {.data = data, .type = read.type, .has_data = true});
  whole_ = rendered_;
  return {&whole_, 1};
}

Status StreamFilter::finish() const {
  if (failed_) {
    return Fault{.code = Code::engine_failed,
                 .retry = Retry::elsewhere,
                 .message = engine_says_.empty()
                                ? "The engine broke off its answer with an error."
                                : "The engine broke off its answer: " + engine_says_};
  }
  if (!done_) {
    return Fault{.code = Code::connection_closed,
                 .retry = Retry::elsewhere,
                 .message = "The engine's stream ended without [DONE]."};
  }
  return {};
}

Result<FilteredAnswer> filter_answer(std::string_view body, const AnswerTerms& terms) {
  wire::ScannedObject object;
  if (!wire::scan_object(body, object)) {
    return malformed("The engine's answer is not one JSON object.");
  }
  UsageTally tally;
  tally.read(body, object, std::nullopt);
  wire::Splice splice(body);
  const std::string model_json = json_of(terms.model);
  if (const auto* model = other_string(body, object.find("model"), model_json)) {
    splice.replace(model->value, model_json);
  }
  splice.finish();
  return FilteredAnswer{.body = std::move(splice), .usage = tally.counts()};
}

}  // namespace portolan::dialect
