#pragma once

#include <memory>
#include <vector>

#include "model/view.h"

namespace portolan::gateway {

// The parts of earlier Views that requests still hold: kept, so that the last of
// those requests does not free a large World where others wait for it.
class FormerViews {
 public:
  using Part = std::shared_ptr<const void>;

  // Those parts of `before` that `now` no longer has.
  void keep(model::View before, const model::View& now);

  // The parts that nobody else holds any more, for the caller to free.
  std::vector<Part> take_unused();

 private:
  std::vector<Part> parts_;  // each once
};

}  // namespace portolan::gateway
