#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "policy/allowed_zones.h"

namespace portolan::policy {

// What one real request was decided by, and where it was computed. Names alone:
// no content and no key text.
struct Decided {
  Caller caller;
  std::string scope_header;
  model::RequestFacts facts;
  std::string zone;  // that computed the answer
  friend bool operator==(const Decided&, const Decided&) = default;
};

// What another World would have made of them.
struct WorldTrial {
  std::size_t decisions = 0;            // that the World held allows at this date
  std::size_t elsewhere = 0;            // of these, allowed, but no more where they were computed
  std::map<Code, std::size_t> refused;  // of these
  std::size_t gone = 0;                 // of the refused: the model is deployed nowhere at all
  friend bool operator==(const WorldTrial&, const WorldTrial&) = default;

  std::size_t refused_count() const;
};

// Decides them again at `here`, a zone, under both views, which differ in their
// World alone.
WorldTrial try_world(std::span<const Decided> decided, const model::View& held,
                     const model::View& offered, const std::string& here, WallTime now);

// Whether the World may be taken. It is refused only where it is sure to be a
// mistake: it deploys none of the models of at least `decisions_min` decisions
// anywhere, as when a list came out empty. What scopes, rules and the Keyring
// forbid is never a mistake of that kind: a World that takes permission away is
// taken. Errors: invalid_resource.
Status accept_trial(const WorldTrial& trial, std::size_t decisions_min);

}  // namespace portolan::policy
