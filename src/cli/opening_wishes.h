#pragma once

#include <string>
#include <utility>
#include <vector>

#include "wire/json_value.h"

namespace portolan::cli {

// What the Opening itself asks for beside its gates, as (name, value) for people.
std::vector<std::pair<std::string, std::string>> opening_wishes(const wire::Json& opening);

}  // namespace portolan::cli
