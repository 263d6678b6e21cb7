#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "engines/sim_error.h"
#include "engines/sim_state.h"

namespace portolan::engines {

// What a simulated engine says of itself, in llama.cpp's words: the bodies of /v1/models and
// /props, and of the answers to /apply-template and /tokenize.
std::string render_models(const SimState& sim);
std::string render_props(const SimState& sim);
std::expected<std::string, SimError> apply_template(const SimState& sim, std::string_view body);
std::expected<std::string, SimError> answer_tokenize(const SimState& sim, std::string_view body);

}  // namespace portolan::engines
