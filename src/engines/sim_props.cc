#include "engines/sim_props.h"

#include "engines/sim_request.h"
#include "wire/json_value.h"
#include "wire/json_writer.h"

namespace portolan::engines {
namespace {

// As the prompt is made of messages (sim_request.h), for whoever compares engines.
constexpr std::string_view usual_template =
    "{% for m in messages %}\x02{{ m.role }}\n{{ m.content }}\x03{% endfor %}\x02"
    "assistant\n";
constexpr std::string_view other_template =
    "{% if messages[0].role != 'system' %}\x02system\nYou are another engine.\x03{% endif %}"
    "{% for m in messages %}\x02{{ m.role }}\n{{ m.content }}\x03{% endfor %}\x02"
    "assistant\n";

std::string shown_name(const SimState& sim) {
  return sim.traits.unknown_name ? sim.options.model + "-other" : sim.options.model;
}

}  // namespace

std::string render_models(const SimState& sim) {
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object().member("object", "list").key("data").begin_array().begin_object();
  json.member("id", shown_name(sim)).member("object", "model");
  json.member("created", sim.shard.wall_now().unix_seconds()).member("owned_by", "engine-sim");
  json.key("meta").begin_object().member("n_ctx", sim.context()).end_object();
  json.end_object().end_array().end_object();
  return body;
}

std::string render_props(const SimState& sim) {
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object().key("default_generation_settings").begin_object();
  json.member("n_ctx", sim.context()).end_object();
  json.member("total_slots", sim.slots.slots_max()).member("model_alias", shown_name(sim));
  json.member("chat_template", sim.traits.other_template ? other_template : usual_template);
  json.end_object();
  return body;
}

std::expected<std::string, SimError> apply_template(const SimState& sim, std::string_view body) {
  const auto json = wire::parse_json(body);
  if (!json) return std::unexpected(invalid_request(json.error().message));
  const auto prompt = prompt_of_messages(*json, sim.traits);
  if (!prompt) return std::unexpected(prompt.error());
  std::string answer;
  wire::JsonWriter(answer).begin_object().member("prompt", *prompt).end_object();
  return answer;
}

std::expected<std::string, SimError> answer_tokenize(const SimState& sim, std::string_view body) {
  const auto json = wire::parse_json(body);
  if (!json) return std::unexpected(invalid_request(json.error().message));
  const auto* content = json->find("content");
  if (content == nullptr || content->as_string() == nullptr) {
    return std::unexpected(invalid_request("\"content\" must be a string"));
  }
  std::string answer;
  wire::JsonWriter writer(answer);
  writer.begin_object().key("tokens").begin_array();
  for (const TokenHash token : tokenize(*content->as_string(), token_bytes_of(sim.traits))) {
    writer.value(token);
  }
  writer.end_array().end_object();
  return answer;
}

}  // namespace portolan::engines
