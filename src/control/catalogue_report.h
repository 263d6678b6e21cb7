#pragma once

#include <string>

#include "control/parity_report.h"
#include "seal/catalogue.h"

namespace portolan::control {

// What that region offers, for control to sign: every model of the World with context, aliases
// and digest; where it is served its features, slots and prices there and what it lacks, elsewhere
// why not. Slow, for another thread than the shard's. Errors: resource_not_found for a region that
// the World does not have, or where there is no World; those of report_products().
Result<seal::CatalogueFacts> report_catalogue(const ParitySnapshot& snapshot,
                                              const std::string& region);

}  // namespace portolan::control
