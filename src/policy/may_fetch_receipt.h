#pragma once

#include <string_view>

#include "policy/authenticate.h"

namespace portolan::policy {

// What a gateway that is asked for a receipt was to the request.
enum class ReceiptRole : std::uint8_t { entry, executor };

// May a receipt for this caller go between that zone, which keeps or signs it (or
// asks for it), and here? The same mask as the request's: an entry stands where
// the caller may enter, an executor where its requests may be processed, as the
// scopes and the rules about data have it now; denied zones are neither.
//
// Errors: no_world, unknown_scope, world_skew, scope_denied.
Status may_fetch_receipt(const model::View& view, const Caller& caller,
                         std::string_view scope_header, ZoneIndex zone, ReceiptRole role,
                         WallTime now);

}  // namespace portolan::policy
