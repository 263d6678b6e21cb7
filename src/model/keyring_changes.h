#pragma once

#include <span>

#include "base/result.h"
#include "model/keyring.h"

namespace portolan::model {

// As apply_delta of each in turn, at the cost of one: a Keyring is made once,
// however many deltas lead to it, and what only a later one makes whole is taken.
// Without any it is a copy.
Result<Keyring> apply_deltas(const Keyring& keyring, std::span<const KeyringDelta> deltas);

}  // namespace portolan::model
