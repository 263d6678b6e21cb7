#pragma once

#include "base/result.h"
#include "policy/catalogue.h"
#include "wire/json_value.h"

namespace portolan::cli {

// What GET /admin/v1/products answers. Errors: malformed_peer.
Result<policy::Catalogue> read_catalogue(const wire::Json& answer);

}  // namespace portolan::cli
