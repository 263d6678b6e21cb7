#pragma once

#include <string>
#include <vector>

#include "sim/observed.h"

namespace portolan::sim {

// A sentence for each promise that did not hold:
// - a request ends with an answer, an error body or a visible break in time; it
//   is silent only where its own connection or entry was harmed;
// - a clean end is a whole answer, with the words that were asked for;
// - when all is well again, everybody is served who may be, and nobody else;
// - a key is refused 5 s after it was revoked, in a network that is calm;
// - P1: check_scope.h; P3: check_served.h; records: check_records.h; versions:
//   check_versions.h.
std::vector<std::string> check_observed(const Observed& observed);

}  // namespace portolan::sim
