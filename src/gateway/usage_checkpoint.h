#pragma once

#include "wire/frame_payload.h"

namespace portolan::gateway {

// Whether these counts of a stream are to be noted before what they count goes
// on, `last` being those that were noted before: when the prompt's or the first
// of the answer's tokens become known, then with every so many.
bool checkpoint_due(const wire::UsageCounts& counts, const wire::UsageCounts& last);

}  // namespace portolan::gateway
