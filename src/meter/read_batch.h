#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "seal/identity.h"
#include "store/ledger_store.h"

namespace portolan::meter {

// What a gateway posted (wire::usage_post_path), held against who it is: every
// record is whole, of that gateway and of its zone, and their numbers ascend.
// One bad record and nothing of the body is taken; the sentence names its place.
//
// Errors: malformed_peer, unsupported_version for records of a newer gateway,
// untrusted_peer for records that are not the peer's.
Result<store::LedgerBatch> read_batch(std::string_view body, const seal::Identity& peer,
                                      WallTime now);

}  // namespace portolan::meter
