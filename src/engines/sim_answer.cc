#include "engines/sim_answer.h"

#include "wire/json_writer.h"
#include "wire/sse.h"

namespace portolan::engines {
namespace {

using wire::JsonWriter;

double milliseconds(Duration span) { return static_cast<double>(span.ns) / 1e6; }

double per_second(std::size_t tokens, Duration span) {
  return span.ns > 0 ? static_cast<double>(tokens) / span.seconds() : 0.0;
}

double per_token(std::size_t tokens, Duration span) {
  return tokens > 0 ? milliseconds(span) / static_cast<double>(tokens) : 0.0;
}

void write_usage(JsonWriter& json, const AnswerProgress& progress) {
  json.key("usage").begin_object();
  json.member("completion_tokens", progress.predicted).member("prompt_tokens", progress.prompt);
  json.member("total_tokens", progress.prompt + progress.predicted);
  json.key("prompt_tokens_details").begin_object();
  json.member("cached_tokens", progress.cached).end_object().end_object();
}

void write_timings(JsonWriter& json, const AnswerProgress& progress) {
  const std::size_t computed = progress.prompt - progress.cached;
  const std::size_t steps = progress.predicted > 0 ? progress.predicted - 1 : 0;
  json.key("timings").begin_object();
  json.member("cache_n", progress.cached).member("prompt_n", computed);
  json.member("prompt_ms", milliseconds(progress.prefill));
  json.member("prompt_per_token_ms", per_token(computed, progress.prefill));
  json.member("prompt_per_second", per_second(computed, progress.prefill));
  json.member("predicted_n", progress.predicted);
  json.member("predicted_ms", milliseconds(progress.decode));
  json.member("predicted_per_token_ms", per_token(steps, progress.decode));
  json.member("predicted_per_second", per_second(steps, progress.decode)).end_object();
}

void write_identity(JsonWriter& json, const AnswerIdentity& identity, std::string_view object) {
  json.member("created", identity.created).member("id", identity.id);
  json.member("model", identity.model).member("system_fingerprint", "engine-sim");
  json.member("object", object);
}

std::string_view chunk_object(const AnswerIdentity& identity) {
  return identity.chat ? "chat.completion.chunk" : "text_completion";
}

void write_reason(JsonWriter& json, std::string_view reason) {
  json.key("finish_reason");
  reason.empty() ? json.null() : json.value(reason);
}

// One event with one choice. `delta` writes what a chat's delta holds.
template <class Delta>
std::string render_choice(const AnswerIdentity& identity, std::string_view text,
                          std::string_view reason, const AnswerProgress& progress, Extras extras,
                          Delta delta) {
  std::string data;
  JsonWriter json(data);
  json.begin_object().key("choices").begin_array().begin_object();
  if (!identity.chat) json.member("text", text);
  json.member("index", 0);
  if (identity.chat) {
    json.key("delta").begin_object();
    delta(json);
    json.end_object();
  } else {
    json.key("logprobs").null();
  }
  write_reason(json, reason);
  json.end_object().end_array();
  write_identity(json, identity, chunk_object(identity));
  if (extras.usage) write_usage(json, progress);
  if (extras.timings) write_timings(json, progress);
  json.end_object();
  std::string event;
  wire::render_event(event, data);
  return event;
}

}  // namespace

std::string render_role_event(const AnswerIdentity& identity) {
  return render_choice(identity, "", "", {}, {}, [](JsonWriter& json) {
    json.member("role", "assistant").key("content").null();
  });
}

std::string render_text_event(const AnswerIdentity& identity, std::string_view text,
                              const AnswerProgress& progress, Extras extras) {
  return render_choice(identity, text, "", progress, extras,
                       [text](JsonWriter& json) { json.member("content", text); });
}

std::string render_finish_event(const AnswerIdentity& identity, std::string_view reason,
                                const AnswerProgress& progress, Extras extras) {
  return render_choice(identity, "", reason, progress, extras, [](JsonWriter&) {});
}

std::string render_usage_event(const AnswerIdentity& identity, const AnswerProgress& progress) {
  std::string data;
  JsonWriter json(data);
  json.begin_object().key("choices").begin_array().end_array();
  write_identity(json, identity, chunk_object(identity));
  write_usage(json, progress);
  write_timings(json, progress);
  json.end_object();
  std::string event;
  wire::render_event(event, data);
  return event;
}

std::string render_done_event() {
  std::string event;
  wire::render_event(event, "[DONE]");
  return event;
}

std::string render_answer(const AnswerIdentity& identity, std::string_view text,
                          std::string_view reason, const AnswerProgress& progress) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("choices").begin_array().begin_object();
  if (identity.chat) {
    json.member("index", 0).key("message").begin_object();
    json.member("role", "assistant").member("content", text).end_object();
  } else {
    json.member("text", text).member("index", 0).key("logprobs").null();
  }
  write_reason(json, reason);
  json.end_object().end_array();
  write_identity(json, identity, identity.chat ? "chat.completion" : "text_completion");
  write_usage(json, progress);
  write_timings(json, progress);
  json.end_object();
  return body;
}

}  // namespace portolan::engines
