#include "dialect/openai_models.h"

#include <string_view>
#include <vector>

#include "wire/json_writer.h"

namespace portolan::dialect {
namespace {

void render_names(wire::JsonWriter& json, std::string_view key,
                  const std::vector<std::string>& names) {
  json.key(key).begin_array();
  for (const std::string& name : names) json.value(std::string_view(name));
  json.end_array();
}

void render_one(wire::JsonWriter& json, const model::Model& model) {
  json.begin_object().member("id", std::string_view(model.name)).member("object", "model");
  json.member("created", 0).member("owned_by", "portolan").key("portolan").begin_object();
  json.member("digest", std::string_view(model.digest)).member("context", model.context);
  render_names(json, "features", model.features);
  render_names(json, "aliases", model.aliases);
  json.end_object().end_object();
}

}  // namespace

std::string render_models(const model::World& world, std::span<const ModelIndex> models) {
  std::string out;
  wire::JsonWriter json(out);
  json.begin_object().member("object", "list").key("data").begin_array();
  for (const ModelIndex model : models) render_one(json, world.model(model));
  json.end_array().end_object();
  return out;
}

std::string render_model(const model::World& world, ModelIndex model) {
  std::string out;
  wire::JsonWriter json(out);
  render_one(json, world.model(model));
  return out;
}

}  // namespace portolan::dialect
