#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "model/version.h"

namespace portolan::model {

// Permission taken away at once, everywhere. Can only remove; lifted by a World
// or Keyring that absorbs it. Every name in it applies also when the World does
// not know it yet.
struct Restrictions {
  Version version;
  std::unordered_set<std::string> revoked_keys;  // key ids
  std::unordered_set<std::string> drained;       // zones or regions: no new requests
  std::unordered_set<std::string> denied;        // zones or regions: running streams are cut too
  // Ids of gateways, meters and controls whose certificates are trusted no more, for ever.
  std::unordered_set<std::string> revoked_machines{};

  friend bool operator==(const Restrictions&, const Restrictions&) = default;
};

}  // namespace portolan::model
