#pragma once

#include <string_view>

namespace portolan::world {

// A country of ISO 3166-1 alpha-2, upper case (249 assigned codes, and XK, which
// is in common use for Kosovo).
bool known_country(std::string_view code);

// A member state of the European Union (27, since 2020-02-01). The group `eu` is
// exactly the regions in these.
bool in_european_union(std::string_view code);

}  // namespace portolan::world
