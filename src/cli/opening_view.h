#pragma once

#include <string>
#include <vector>

#include "wire/json_value.h"

namespace portolan::cli {

// Openings of regions and zones (GET /admin/v1/openings, .../NAME), for people at a terminal.

// One: its gates, what is wrong with red ones, its shares, and what to do now.
std::string render_opening(const wire::Json& opening);
// What an act answers: that opening, or that a place without one was drained.
std::string render_opening_act(const wire::Json& answer);
// All of them, a line each; of a single one all that render_opening says.
std::string render_openings(const wire::Json& answer);

// What is new since `before` (null at first), a line each: for logs, where nothing is drawn.
std::vector<std::string> opening_news(const wire::Json& before, const wire::Json& now);

}  // namespace portolan::cli
