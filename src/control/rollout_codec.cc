#include "control/rollout_codec.h"

#include <fmt/format.h>

#include "control/state_codec.h"
#include "seal/statement.h"
#include "wire/json_value.h"
#include "world/field_reader.h"
#include "world/field_writer.h"
#include "world/resource_text.h"
#include "world/validate.h"

namespace portolan::control {
namespace {

constexpr std::string_view rollout_kind = "rollout";

Fault unreadable(std::string sentence) {
  return Fault{Code::invalid_resource, Retry::never, std::move(sentence)};
}

}  // namespace

// Found by argument-dependent lookup, so outside of the unnamed namespace.
template <class Fields>
static void describe(Fields& fields, AwaitedGateway& gateway) {
  fields.text("id", gateway.id, world::Need::required);
  fields.text("zone", gateway.zone, world::Need::required);
  // A number that no zone has stands for nothing.
  std::uint64_t down = gateway.engines_down.value_or(UINT64_MAX);
  fields.whole_or("engines_down", down, UINT64_MAX);
  gateway.engines_down.reset();
  if (down != UINT64_MAX) gateway.engines_down = down;
}

template <class Fields>
static void describe(Fields& fields, RolloutStep& step) {
  fields.texts("zones", step.zones, world::Need::required);
  fields.list("gateways", step.gateways);
  fields.date_or("began", step.began, WallTime{});
  fields.text("verdict", step.verdict);
}

template <class Fields>
static void describe(Fields& fields, Rollout& rollout) {
  fields.whole("world", rollout.world);
  fields.whole("from", rollout.from);
  fields.text("from_hash", rollout.from_hash, world::Need::required);
  fields.choice("phase", rollout.phase, rollout_phase_names);
  fields.date_or("began", rollout.began, WallTime{});
  fields.date_or("ended", rollout.ended, WallTime{});
  fields.text("why", rollout.why);
  fields.text("refusals_meant", rollout.refusals_meant);
  fields.list("steps", rollout.steps);
}

std::string render_rollout(const Rollout& rollout) {
  world::FieldWriter writer;
  Rollout copy = rollout;  // a shape is described on what it may change
  describe(writer, copy);
  auto json = seal::make_statement(rollout_kind);
  for (const auto& member : *writer.take().as_object()) json.set(member.name, member.value);
  return wire::render_canonical(json);
}

Result<Rollout> read_rollout(std::string_view text) {
  TRY(const auto json, wire::parse_json(text, Code::malformed_peer));
  TRY_DO(seal::check_statement(json, rollout_kind));
  Rollout rollout;
  world::FieldReader reader(json, std::string(rollout_kind));
  describe(reader, rollout);
  TRY_DO(reader.status());
  return rollout;
}

std::string former_key(const ResourceName& name) {
  return fmt::format("{}{}/{}", former_prefix, world::name_of(name.first), name.second);
}

Result<FormerResource> read_former(std::string_view key, std::string value) {
  key.remove_prefix(former_prefix.size());
  const auto slash = key.find('/');
  const auto kind = world::kind_named(key.substr(0, slash));
  if (slash == key.npos || !kind) return unreadable("its name is that of no resource.");
  return FormerResource{{*kind, std::string(key.substr(slash + 1))}, std::move(value)};
}

FormerResource former_of(const world::Contents& contents, const ResourceName& name) {
  FormerResource former{name, {}};
  const auto found = world::find(contents, name.first, name.second);
  if (found) former.json = wire::render_canonical(world::resource_json(*found));
  return former;
}

Result<std::shared_ptr<const world::Contents>> former_contents(
    const world::Contents& contents, const std::vector<FormerResource>& former) {
  auto before = contents;
  std::vector<world::SourceFile> files;
  for (const auto& [name, json] : former) {
    world::remove(before, name.first, name.second);
    if (!json.empty()) files.push_back({former_key({name.first, name.second}), json});
  }
  auto validation = world::validate(files, before);
  if (!validation.ok()) return unreadable(world::render_problem(validation.problems.front()));
  return std::make_shared<const world::Contents>(std::move(validation.contents));
}

}  // namespace portolan::control
