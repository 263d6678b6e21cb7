#pragma once

#include <string>
#include <string_view>

#include "wire/json_value.h"

namespace portolan::cli {

// What zones answered to the golden prompts (GET /admin/v1/golden), for people.
std::string render_golden(const wire::Json& answer);

// Whether all that was asked answered alike, and at all.
bool golden_agrees(const wire::Json& answer);
// Whether a run has ended that began not before `moment`, a date of control's clock.
bool golden_ended_since(const wire::Json& answer, std::string_view moment);

}  // namespace portolan::cli
