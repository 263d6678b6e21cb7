#include "dialect/engine_props.h"

#include <algorithm>
#include <source_location>

#include "base/check.h"
#include "wire/json_cursor.h"
#include "wire/json_writer.h"

namespace portolan::dialect {
namespace {

using wire::Json;
using wire::JsonCursor;

// A whole number of that name, where there is one.
std::optional<std::uint64_t> count_in(const Json* object, std::string_view name) {
  const Json* member = object == nullptr ? nullptr : object->find(name);
  return member == nullptr ? std::nullopt : member->as_uint64();
}

template <class Unit>
std::optional<Unit> unit_in(const Json* object, std::string_view name) {
  const auto count = count_in(object, name);
  return count ? std::optional(Unit{*count}) : std::nullopt;
}

bool says(const Json* value, std::string_view text) {
  return value != nullptr && value->as_string() != nullptr && *value->as_string() == text;
}

// By its id, or one of llama.cpp's aliases.
bool is_named(const Json& model, std::string_view name) {
  if (says(model.find("id"), name)) return true;
  const Json* aliases = model.find("aliases");
  if (aliases == nullptr || aliases->as_array() == nullptr) return false;
  return std::ranges::any_of(*aliases->as_array(),
                             [name](const Json& alias) { return says(&alias, name); });
}

void tell(const Json& model, ListedModel& into) {
  const Json* meta = model.find("meta");
  into.context = unit_in<Tokens>(&model, "max_model_len");
  if (!into.context) into.context = unit_in<Tokens>(meta, "n_ctx");
  into.trained_context = unit_in<Tokens>(meta, "n_ctx_train");
  into.parameters = count_in(meta, "n_params");
  into.vocabulary = count_in(meta, "n_vocab");
  into.bytes = unit_in<Bytes>(meta, "size");
}

}  // namespace

PropsPaths props_paths(EngineKind kind) {
  switch (kind) {
    case EngineKind::llama_cpp:
      return {"/v1/models", "/props", "/apply-template", "/tokenize"};
    case EngineKind::vllm:
    case EngineKind::sglang:
    case EngineKind::openai:
      return {.models = "/v1/models", .props = {}, .apply_template = {}, .tokenize = {}};
  }
  fail_check("a value that is not in its closed set", std::source_location::current());
}

Result<ListedModel> read_model_list(std::string_view body, std::string_view served_as) {
  TRY(const Json json, wire::parse_json(body, Code::malformed_peer));
  const JsonCursor root(json, Code::malformed_peer);
  TRY(const auto models, root.elements("data"));
  ListedModel listed;
  for (const JsonCursor& model : models) {
    if (!is_named(model.value(), served_as)) continue;
    listed.listed = true;
    tell(model.value(), listed);
    return listed;
  }
  if (models.size() == 1) tell(models.front().value(), listed);
  return listed;
}

Result<EngineProps> read_props(std::string_view body) {
  TRY(const Json json, wire::parse_json(body, Code::malformed_peer));
  if (json.as_object() == nullptr) {
    return JsonCursor(json, Code::malformed_peer).fault("is no object");
  }
  EngineProps props;
  props.context = unit_in<Tokens>(json.find("default_generation_settings"), "n_ctx");
  props.slots = count_in(&json, "total_slots");
  const Json* chat_template = json.find("chat_template");
  if (chat_template != nullptr && chat_template->as_string() != nullptr) {
    props.chat_template = *chat_template->as_string();
  }
  return props;
}

Result<std::string> read_applied_template(std::string_view body) {
  TRY(const Json json, wire::parse_json(body, Code::malformed_peer));
  const JsonCursor root(json, Code::malformed_peer);
  TRY(const std::string_view prompt, root.text("prompt"));
  return std::string(prompt);
}

std::string render_tokenize(std::string_view text, SpecialTokens special) {
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object().member("content", text);
  json.member("add_special", special == SpecialTokens::of_a_prompt);
  json.member("parse_special", special == SpecialTokens::of_a_prompt).end_object();
  return body;
}

Result<std::vector<std::uint64_t>> read_token_list(std::string_view body) {
  TRY(const Json json, wire::parse_json(body, Code::malformed_peer));
  const JsonCursor root(json, Code::malformed_peer);
  TRY(const auto elements, root.elements("tokens"));
  std::vector<std::uint64_t> tokens;
  tokens.reserve(elements.size());
  for (const JsonCursor& element : elements) {
    TRY(const std::uint64_t token, element.count());
    tokens.push_back(token);
  }
  return tokens;
}

}  // namespace portolan::dialect
