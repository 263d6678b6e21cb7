#pragma once

#include <string>

#include "wire/json_value.h"

namespace portolan::cli {

// How the last World goes out, or went (GET /admin/v1/rollout), for people.
std::string render_rollout(const wire::Json& answer);

// Whether a World is on its way in that answer.
bool is_rolling_out(const wire::Json& answer);
// Whether the last one went back.
bool has_gone_back(const wire::Json& answer);

}  // namespace portolan::cli
