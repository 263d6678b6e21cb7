#include "dialect/engine_trial.h"

#include "wire/json_cursor.h"
#include "wire/json_writer.h"
#include "wire/sse.h"

namespace portolan::dialect {
namespace {

using model::Endpoint;
using wire::Json;
using wire::JsonCursor;

void write_messages(wire::JsonWriter& json, const std::vector<Trial::Message>& messages) {
  json.key("messages").begin_array();
  for (const Trial::Message& message : messages) {
    json.begin_object().member("role", message.role).member("content", message.content);
    json.end_object();
  }
  json.end_array();
}

void write_prompt(wire::JsonWriter& json, const std::vector<Trial::Message>& messages) {
  std::string prompt;
  for (const Trial::Message& message : messages) prompt += message.content;
  json.member("prompt", prompt);
}

Fault malformed(std::string sentence) {
  return {Code::malformed_peer, Retry::never, std::move(sentence)};
}

// A member that is text, or left out, or null.
Status read_text(JsonCursor object, std::string_view name, std::string& into) {
  TRY(const std::string_view text, object.text_or(name, ""));
  into += text;
  return {};
}

Status read_usage(JsonCursor answer, TrialAnswer& into) {
  const auto usage = answer.find("usage");
  if (!usage) return {};
  TRY(const std::uint64_t prompt, usage->count("prompt_tokens"));
  TRY(const std::uint64_t completion, usage->count_or("completion_tokens", 0));
  into.prompt_tokens = Tokens{prompt};
  into.completion_tokens = Tokens{completion};
  return {};
}

// The first choice of an answer or event; `of_chat` is where a chat's text lies.
Status read_choice(JsonCursor choice, std::string_view of_chat, Endpoint endpoint,
                   TrialAnswer& into) {
  if (endpoint == Endpoint::completions) {
    TRY_DO(read_text(choice, "text", into.text));
  } else {
    TRY(const JsonCursor said, choice.member(of_chat));
    TRY_DO(read_text(said, "content", into.text));
  }
  if (choice.find("finish_reason")) {
    into.finish_reason.clear();
    TRY_DO(read_text(choice, "finish_reason", into.finish_reason));
  }
  return {};
}

Status read_event(std::string_view data, Endpoint endpoint, TrialAnswer& into) {
  TRY(const Json json, wire::parse_json(data, Code::malformed_peer));
  const JsonCursor event(json, Code::malformed_peer);
  if (event.find("error")) return malformed("its stream tells of an error");
  TRY_DO(read_usage(event, into));
  TRY(const auto choices, event.elements("choices"));
  if (choices.empty()) return {};
  return read_choice(choices.front(), "delta", endpoint, into);
}

}  // namespace

std::string render_trial(const Trial& trial, EngineKind kind) {
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object().member("model", trial.served_as);
  if (trial.endpoint == Endpoint::completions) {
    write_prompt(json, trial.messages);
  } else {
    write_messages(json, trial.messages);
  }
  json.member("max_tokens", trial.max_tokens.value).member("temperature", 0);
  json.member("seed", trial.seed).member("stream", trial.stream);
  if (trial.stream) {
    json.key("stream_options").begin_object().member("include_usage", true).end_object();
  }
  if (kind == EngineKind::llama_cpp) json.member("cache_prompt", false);
  json.end_object();
  return body;
}

std::string render_messages(const std::vector<Trial::Message>& messages) {
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object();
  write_messages(json, messages);
  json.end_object();
  return body;
}

Result<TrialAnswer> read_trial_answer(std::string_view body, Endpoint endpoint) {
  TRY(const Json json, wire::parse_json(body, Code::malformed_peer));
  const JsonCursor root(json, Code::malformed_peer);
  TRY(const auto choices, root.elements("choices"));
  if (choices.empty()) return root.fault("an answer without a choice");
  TrialAnswer answer;
  TRY_DO(read_choice(choices.front(), "message", endpoint, answer));
  TRY_DO(read_usage(root, answer));
  return answer;
}

Result<TrialAnswer> read_trial_stream(std::string_view body, Endpoint endpoint) {
  TrialAnswer answer;
  wire::SseSplitter splitter;
  std::string joined;
  for (;;) {
    TRY(const std::size_t size, splitter.next(body));
    if (size == 0) return malformed("its stream ends before it says so");
    const auto event = wire::parse_event(body.substr(0, size), joined);
    if (event.data == "[DONE]") return answer;
    if (event.has_data) TRY_DO(read_event(event.data, endpoint, answer));
    body.remove_prefix(size);
  }
}

}  // namespace portolan::dialect
