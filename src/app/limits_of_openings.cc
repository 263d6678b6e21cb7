#include <array>

#include "app/limits.h"
#include "model/opening.h"

namespace portolan::app {
namespace {

constexpr auto opening_limits = std::to_array<const Limit*>({
    &model::openings_max,
});

}  // namespace

std::span<const Limit* const> limits_of_openings() { return opening_limits; }

}  // namespace portolan::app
