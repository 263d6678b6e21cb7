#pragma once

#include <span>

#include "base/result.h"
#include "model/keyring.h"

namespace portolan::model {

// As apply_delta of each in turn; what only a later one makes whole is taken. It
// costs what the changes are: all that stays as it is, is shared with `keyring`.
// Without any it is a copy.
Result<Keyring> apply_deltas(const Keyring& keyring, std::span<const KeyringDelta> deltas);

}  // namespace portolan::model
