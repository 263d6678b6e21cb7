#pragma once

#include <string>

#include "base/result.h"

namespace portolan::app {

// The text of a file of resources; "-" is standard input. Errors: bad_configuration.
Result<std::string> read_source(const std::string& name);

}  // namespace portolan::app
