#pragma once

#include "base/time.h"

namespace portolan::app {

// Blocks this thread for so long, between two questions to control.
void pause_for(Duration duration);

}  // namespace portolan::app
