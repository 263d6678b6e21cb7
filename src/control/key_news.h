#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/documents.h"
#include "control/state.h"
#include "seal/signed_document.h"
#include "store/control_store.h"

namespace portolan::control {

// What other controls changed in the store, where it is keys and what follows from them:
// most changes are such, and one costs what it is, where reading the store again costs
// what all keys are.
struct KeyNews {
  State now;  // of it the numbers, the audit log's end, and what is new: keys, deltas, restrictions
  std::vector<std::string> forgotten;  // of the store's keys: deltas that are no longer kept
};

// `changes` are those that `state` does not know, in the store's order. Nothing where
// there is more in them, or where they do not lead on from `state`: the store is to be
// read.
std::optional<KeyNews> read_key_news(const State& state, const std::vector<store::Change>& changes);

// Both as if they had been read from the store, but for snapshots of the Keyring, which
// stay: deltas lead on from them.
void apply_key_news(State& state, Documents& documents, KeyNews news, const seal::Signer& signer);

}  // namespace portolan::control
