#pragma once

#include <string>
#include <string_view>

#include "base/fault.h"

namespace portolan::model {

// May this stand as a name? Printable ASCII with no space, comma, quote or
// backslash: names go into headers, lists, logs and URLs as they are.
bool usable_name(std::string_view name);

// Two upper-case letters (ISO 3166-1 alpha-2).
bool usable_country(std::string_view country);

// The Fault of whoever wrote a resource; the sentence names the place.
Fault invalid_resource(std::string sentence);

// The same for a name that does not pass usable_name; `kind` as in "zone".
Fault unusable_name(std::string_view kind, std::string_view name);

}  // namespace portolan::model
