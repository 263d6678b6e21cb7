#pragma once

#include <vector>

#include "base/limits.h"

namespace portolan::app {

// Every limit of this program: those that rooms share, then those of one room.
std::vector<const Limit*> shown_limits();

}  // namespace portolan::app
