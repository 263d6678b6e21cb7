#include "dialect/engine_body.h"

#include <optional>
#include <string>

#include "wire/json_writer.h"

namespace portolan::dialect {
namespace {

using wire::ObjectEdit;
using wire::ScannedMember;
using wire::ScannedObject;

// Sets a member to true and leaves one that is true already as it is written.
void switch_on(std::string_view body, const ScannedObject& object, std::string_view key,
               ObjectEdit& edit) {
  const ScannedMember* member = object.find(key);
  if (member == nullptr || member->value.of(body) != "true") edit.set(key, "true");
}

// Asks for usage. Edits of the client's own stream_options go to `options`.
void ask_for_usage(std::string_view body, const ReadRequest& request, EngineKind kind,
                   ObjectEdit& edit, std::optional<ObjectEdit>& options) {
  const UsageSwitches switches = usage_switches(kind);
  if (switches.timings_per_token) switch_on(body, request.body, "timings_per_token", edit);
  if (!request.stream_options.has_value()) {
    edit.set("stream_options", switches.continuous_usage_stats
                                   ? R"({"include_usage":true,"continuous_usage_stats":true})"
                                   : R"({"include_usage":true})");
    return;
  }
  const ScannedObject& own = *request.stream_options;
  options.emplace(own);
  switch_on(body, own, "include_usage", *options);
  if (switches.continuous_usage_stats) switch_on(body, own, "continuous_usage_stats", *options);
}

}  // namespace

std::string_view served_name(const model::Engine& engine, const model::Model& model) {
  return engine.served_as.empty() ? model.name : engine.served_as;
}

wire::Splice engine_body(std::string_view body, const ReadRequest& request, EngineKind kind,
                         std::string_view served_name) {
  ObjectEdit edit(request.body);
  std::optional<ObjectEdit> options;
  if (const ScannedMember* portolan = request.body.find("portolan")) edit.remove(*portolan);
  if (request.facts.model != served_name) {
    std::string json;
    wire::append_json_string(json, served_name);
    edit.set("model", std::move(json));
  }
  if (request.facts.stream) ask_for_usage(body, request, kind, edit, options);
  wire::Splice splice(body);
  edit.apply_to(splice);
  if (options.has_value()) options->apply_to(splice);
  splice.finish();
  return splice;
}

}  // namespace portolan::dialect
