#pragma once

#include <string>
#include <unordered_set>

#include "base/result.h"
#include "model/keyring.h"
#include "model/restrictions.h"

namespace portolan::world {

// A control that was restored from a backup does not know what was revoked,
// drained or denied behind it, and its epoch makes all that it sends newer. What
// a gateway knows to be taken away stays so until control takes it away, too.
// Errors of both: stale_version, naming what would come back.

// A Keyring, of any epoch, may not have a key that the one held knows as revoked.
Status accept_after_restore(const model::Keyring& held, const model::Keyring& incoming);

// Restrictions of a higher epoch may not lift one that holds; `held` is as control sent it.
// `keyring`: the one held, or null; a key that is revoked in it needs no restriction.
Status accept_after_restore(const model::Restrictions& held, const model::Restrictions& incoming,
                            const model::Keyring* keyring);

// The keys among `revoked` of which the Keyring has no tombstone, so that a restriction alone
// keeps them out; null has none at all.
std::unordered_set<std::string> without_tombstone(const std::unordered_set<std::string>& revoked,
                                                  const model::Keyring* keyring);

}  // namespace portolan::world
