#include "gateway/former_views.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace portolan::gateway {

void FormerViews::keep(model::View before, const model::View& now) {
  const auto keep_part = [&](auto& was, const auto& is) {
    if (was && was != is) parts_.push_back(std::move(was));
  };
  keep_part(before.world, now.world);
  keep_part(before.keyring, now.keyring);
  keep_part(before.restrictions, now.restrictions);
  keep_part(before.masks, now.masks);
}

std::vector<FormerViews::Part> FormerViews::take_unused() {
  const auto unused =
      std::ranges::partition(parts_, [](const Part& part) { return part.use_count() > 1; });
  std::vector<Part> taken(std::make_move_iterator(unused.begin()),
                          std::make_move_iterator(unused.end()));
  parts_.erase(unused.begin(), unused.end());
  return taken;
}

}  // namespace portolan::gateway
