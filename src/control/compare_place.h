#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "control/compare_golden.h"
#include "control/gate_place.h"

namespace portolan::control {

// What one engine of the place says otherwise than engines elsewhere, and against itself.
struct PlaceFinding {
  std::string zone{};
  std::string engine{};  // URL
  std::string model{};
  GoldenFinding first{};  // of several that may come from it
  std::size_t more = 0;
};

// The looks compared with each other, as golden prompts are. Each zone of the place is held
// against the zones elsewhere alone, so that the place can not outvote them; where none of these
// has a model, its zones are held against each other. An output counts where most zones agree on
// it, those of the place with them: where few are asked, one machine of another kind is no reason.
std::vector<PlaceFinding> compare_place(const OpeningFacts& facts, const GatedPlace& place);

}  // namespace portolan::control
