#include "control/apply.h"

#include <fmt/format.h>

#include <algorithm>

#include "control/guard.h"
#include "control/opening_closing.h"
#include "control/resource_version.h"
#include "world/validate.h"

namespace portolan::control {
namespace {

std::uint64_t stored_version(const State& state, const ResourceName& name) {
  const auto found = state.resource_versions.find(name);
  return found == state.resource_versions.end() ? 0 : found->second;
}

std::string render(const ResourceName& name) {
  return fmt::format("{}/{}", world::name_of(name.first), name.second);
}

Status check_version(const State& state, const ResourceName& name, std::uint64_t version) {
  const auto stored = stored_version(state, name);
  if (stored == version) return {};
  if (stored == 0) {
    return Fault{Code::resource_conflict, Retry::never,
                 fmt::format("{} was read at resourceVersion {} and is not stored any more.",
                             render(name), version)};
  }
  return Fault{Code::resource_conflict, Retry::never,
               fmt::format("{} was read at resourceVersion {} and is at {} now.", render(name),
                           version, stored)};
}

Applied::Action action_on(const State& state, const world::Resource& resource) {
  const auto stored =
      world::find(*state.contents, world::kind_of(resource), world::name_of(resource));
  if (!stored) return Applied::Action::created;
  return *stored == resource ? Applied::Action::unchanged : Applied::Action::configured;
}

// A key that still works and is bound to that scope.
const model::KeyRecord* key_in_scope(const State& state, const std::string& scope) {
  for (const auto& [id, key] : state.keys) {
    if (!key.revoked && std::ranges::find(key.scopes, scope) != key.scopes.end()) return &key;
  }
  return nullptr;
}

// Whoever applies the file of an opening would put its place into service without a gate.
Status check_opens_nothing(const State& state, const std::vector<world::Resource>& resources) {
  for (const auto& resource : resources) {
    const auto* opening = std::get_if<model::Opening>(&resource);
    if (opening == nullptr || !zones_of(state.contents->network, *opening).empty()) continue;
    const bool of_region = opening->zone.empty();
    return Fault{Code::invalid_parameter, Retry::never,
                 fmt::format("Opening '{0}' is of {1} '{2}', which is not there yet: 'portolan {1} "
                             "open FILE' takes it through its gates.",
                             opening->name, of_region ? "region" : "zone",
                             of_region ? opening->region : opening->zone)};
  }
  return {};
}

}  // namespace

std::string_view name_of(Applied::Action action) {
  switch (action) {
    case Applied::Action::created:
      return "created";
    case Applied::Action::configured:
      return "configured";
    case Applied::Action::unchanged:
      return "unchanged";
  }
  fail_check("an action that is not in the closed set", std::source_location::current());
}

Result<Decided> decide_apply(const State& state, ApplyRequest request, WallTime now) {
  Decided decided;
  decided.at_once = request.at_once;
  world::ProblemList problems;
  const auto versions = take_resource_versions(request.source, request.text, problems);
  decided.applied.problems = problems.take_sorted();
  auto validation = world::validate({{request.source, std::move(request.text)}}, *state.contents);
  for (auto& problem : validation.problems) {
    decided.applied.problems.push_back(std::move(problem));
  }
  if (!decided.applied.problems.empty()) return decided;
  for (const auto& written : versions) {
    const auto kind = world::kind_named(written.kind);
    check(kind.has_value(), "a kind that was validated");
    TRY_DO(check_version(state, {*kind, written.name}, written.version));
  }
  if (!request.opens) TRY_DO(check_opens_nothing(state, validation.changed));
  Wish wish;
  for (auto& resource : validation.changed) {
    const auto action = action_on(state, resource);
    const ResourceName name{world::kind_of(resource), world::name_of(resource)};
    decided.applied.results.push_back({name, action, stored_version(state, name)});
    if (action != Applied::Action::unchanged) wish.put.push_back(std::move(resource));
  }
  if (wish.put.empty()) return decided;
  TRY(decided.objections, object_to(*state.contents, validation.contents, now));
  if (request.dry_run) return decided;
  wish.contents = std::make_shared<world::Contents>(std::move(validation.contents));
  decided.wish = std::move(wish);
  return decided;
}

Result<Decided> decide_remove(const State& state, const RemoveRequest& request, WallTime now) {
  const auto& [kind, name] = request.name;
  const auto stored = stored_version(state, request.name);
  if (stored == 0) {
    return Fault{Code::resource_not_found, Retry::never,
                 fmt::format("There is no {}.", render(request.name))};
  }
  if (request.version) TRY_DO(check_version(state, request.name, *request.version));
  if (kind == world::Kind::workspace || kind == world::Kind::org) {
    return Fault{Code::invalid_parameter, Retry::never,
                 fmt::format("{} cannot be deleted: usage and keys name it, and a Keyring forgets "
                             "nothing. Revoke its keys instead.",
                             render(request.name))};
  }
  Decided decided;
  if (const auto* key = kind == world::Kind::scope ? key_in_scope(state, name) : nullptr) {
    decided.applied.problems.push_back(
        {"stored key " + key->id,
         {},
         fmt::format("It is bound to the scope '{}'. Revoke it first.", name)});
    return decided;
  }
  auto contents = *state.contents;
  check(world::remove(contents, kind, name), "what has a version is stored");
  decided.applied.problems = world::validate({}, contents).problems;
  if (!decided.applied.problems.empty()) return decided;
  TRY(decided.objections, object_to(*state.contents, contents, now));
  Wish wish;
  wish.contents = std::make_shared<world::Contents>(std::move(contents));
  wish.removed.push_back(request.name);
  decided.wish = std::move(wish);
  return decided;
}

}  // namespace portolan::control
