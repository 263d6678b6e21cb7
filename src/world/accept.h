#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/result.h"
#include "model/keyring.h"
#include "model/version.h"

namespace portolan::world {

// The newest state of one document that this gateway has ever held.
struct Seen {
  model::Version version;
  std::string hash;  // of the payload; empty: not known
  friend bool operator==(const Seen&, const Seen&) = default;
};

// May `incoming` follow what was seen? The same once more may. Errors:
// stale_version for an older one, or for the same number with other content;
// untrusted_peer for another network's.
Status accept(const std::optional<Seen>& highest, const Seen& incoming);

// A Keyring forgets nothing: a snapshot with fewer keys, workspaces or orgs than
// the one held is refused as stale_version, unless its epoch is higher.
Status accept_keyring(const model::Keyring& held, const model::Keyring& incoming);

}  // namespace portolan::world
