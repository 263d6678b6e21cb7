#include "cli/up_forget.h"

#include <array>

namespace portolan::cli {

std::vector<ForgottenResource> forgotten_resources(const world::Contents& before,
                                                   const world::Contents& now) {
  using world::Kind;
  constexpr std::array order = {Kind::opening,    Kind::parity_target, Kind::price_book,
                                Kind::deployment, Kind::rule,          Kind::zone,
                                Kind::region,     Kind::model};
  const std::vector<world::Resource> resources = resources_of(before);
  std::vector<ForgottenResource> forgotten;
  for (const Kind kind : order) {
    for (const world::Resource& resource : resources) {
      if (world::kind_of(resource) != kind || find(now, kind, world::name_of(resource))) continue;
      forgotten.emplace_back(kind, world::name_of(resource));
    }
  }
  return forgotten;
}

}  // namespace portolan::cli
