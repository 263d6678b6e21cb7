#pragma once

#include <string>
#include <vector>

#include "policy/guard_change.h"
#include "policy/small_world_test.h"

// For tests of what a change is held against.
namespace portolan::policy {

// `view` is of these parts, and lives as long as what is returned.
inline Standing standing_of(const model::View& view, const Parts& parts) {
  return {*view.world, parts.content.orgs, parts.content.workspaces};
}

// What the guard says of a change, each as "rule: sentence".
inline std::vector<std::string> objections(const Parts& before, const Parts& after, WallTime now) {
  const model::View old = before.view();
  const model::View fresh = after.view();
  std::vector<std::string> sentences;
  for (const auto& objection :
       guard_change(standing_of(old, before), standing_of(fresh, after), now)) {
    sentences.push_back(std::string(objection.rule) + ": " + objection.sentence);
  }
  return sentences;
}

}  // namespace portolan::policy
