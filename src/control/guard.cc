#include "control/guard.h"

#include <fmt/format.h>

#include <algorithm>

#include "control/opening_closing.h"

namespace portolan::control {
namespace {

constexpr std::size_t shown_max = 20;

}  // namespace

Result<std::vector<policy::Objection>> object_to(const world::Contents& before,
                                                 const world::Contents& after, WallTime now) {
  TRY(const auto old_world, model::World::make(before.network, {}, {}));
  TRY(const auto new_world, model::World::make(after.network, {}, {}));
  return policy::guard_change({old_world, before.orgs, before.workspaces},
                              {new_world, after.orgs, after.workspaces}, now);
}

Result<std::vector<policy::Objection>> object_to(const world::Contents& contents,
                                                 const model::Restrictions& before,
                                                 const model::Restrictions& after) {
  auto network = contents.network;
  // A place that was opened is the whole of a scope that only probes are asked in.
  for (const auto& opening : contents.openings) {
    std::erase_if(network.scopes, [name = closing_name(opening.name)](const model::Scope& scope) {
      return scope.name == name;
    });
  }
  TRY(const auto world, model::World::make(network, {}, {}));
  return policy::guard_restrictions(world, before, after);
}

Fault guarded(const std::vector<policy::Objection>& objections) {
  const auto count = objections.size();
  auto text = fmt::format("{} objection{}; nothing was changed.", count, count == 1 ? "" : "s");
  for (std::size_t i = 0; i < std::min(count, shown_max); ++i) {
    text += fmt::format("\n{}: {}", objections[i].rule, objections[i].sentence);
  }
  if (count > shown_max) text += fmt::format("\nand {} more", count - shown_max);
  text += "\nIf it is meant, repeat it with --break-glass REASON.";
  return {Code::change_guarded, Retry::never, std::move(text)};
}

}  // namespace portolan::control
