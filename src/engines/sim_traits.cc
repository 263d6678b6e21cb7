#include "engines/sim_traits.h"

#include <array>
#include <utility>

#include "wire/json_cursor.h"
#include "wire/json_writer.h"

namespace portolan::engines {
namespace {

using wire::JsonCursor;

constexpr std::array<std::pair<std::string_view, bool SimTraits::*>, 6> flags = {{
    {"other_weights", &SimTraits::other_weights},
    {"other_template", &SimTraits::other_template},
    {"other_tokenizer", &SimTraits::other_tokenizer},
    {"miscounts", &SimTraits::miscounts},
    {"no_stream_usage", &SimTraits::no_stream_usage},
    {"unknown_name", &SimTraits::unknown_name},
}};

// A count of at least one, where it is given.
Status read_count(JsonCursor json, std::string_view name, std::optional<std::size_t>& into) {
  if (!json.find(name)) return {};
  TRY(const auto count, json.count(name));
  if (count == 0) return json.fault(std::string(name) + " is at least 1");
  into = count;
  return {};
}

}  // namespace

Result<SimTraits> parse_sim_traits(std::string_view body) {
  TRY(const wire::Json json, wire::parse_json(body));
  const JsonCursor root(json, Code::invalid_parameter);
  TRY_DO(root.only({"other_weights", "other_template", "other_tokenizer", "miscounts",
                    "no_stream_usage", "unknown_name", "context", "slots"}));
  SimTraits traits;
  for (const auto& [name, flag] : flags) {
    TRY(traits.*flag, root.boolean_or(name, false));
  }
  TRY_DO(read_count(root, "context", traits.context));
  TRY_DO(read_count(root, "slots", traits.slots));
  return traits;
}

std::string render_sim_traits(const SimTraits& traits) {
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object();
  for (const auto& [name, flag] : flags) json.member(name, traits.*flag);
  if (traits.context) json.member("context", *traits.context);
  if (traits.slots) json.member("slots", *traits.slots);
  json.end_object();
  return text;
}

}  // namespace portolan::engines
