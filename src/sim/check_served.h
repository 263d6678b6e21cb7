#pragma once

#include <string>
#include <vector>

#include "sim/observed.h"

namespace portolan::sim {

// P3. Owed is an answer to whoever stays, at an entry that lives and is reached,
// while a zone that may run the request lives, is reached from there and has an
// engine that does what it is asked, each of them for 5 s before (Judge::is_owed).
// In place of it may come, where another zone was harmed:
// - 502 attempts_exhausted, after executions_max executions;
// - 504 deadline_exceeded, when the request's time was over;
// - a break, after the first byte of a stream.
// Where connections fail by chance nothing is owed.
void check_served(const Observed& observed, std::vector<std::string>& problems);

}  // namespace portolan::sim
