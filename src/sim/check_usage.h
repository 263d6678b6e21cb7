#pragma once

#include <string>
#include <vector>

#include "sim/observed.h"

namespace portolan::sim {

// P4, when every gateway has started again and ended in order. Of each request:
// at most one close, and exactly one where its open stands; an answer that came
// whole has one that says completed, with the engine's count; a stream that broke
// has one that counts no more than the engine could have said, and at most 64
// tokens less than what the client got. Numbers have no gap. Less is owed
// where the entry's machine lost its power, and of opens where its disk failed: what
// a failed write left behind is not counted by its writer, and closed at the next start.
void check_usage(const Observed& observed, std::vector<std::string>& problems);

}  // namespace portolan::sim
