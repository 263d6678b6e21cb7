#pragma once

#include <string>
#include <string_view>

#include "wire/json_value.h"

namespace portolan::cli {

// What an opening (/admin/v1/openings/NAME) is called and means, in sentences that its table, its
// report and its live view share.

// "region mexico", or "zone ap-southeast-7b of region ap-southeast-7".
std::string opened_place(const wire::Json& opening);
// Where it stands, in one sentence for somebody who knows no gates.
std::string opening_verdict(const wire::Json& opening);
// What the operator is to do now, with the command, in one line.
std::string opening_advice(const wire::Json& opening);
// What a gate of that name asks for; empty for an unknown one.
std::string_view gate_asks_for(std::string_view gate);

// How many of its gates are in that state.
std::size_t gates_in_state(const wire::Json& opening, std::string_view state);
// Nobody has to wait for it: it serves, or was held, stopped, drained or closed.
bool is_opening_over(const wire::Json& opening);
bool does_opening_serve(const wire::Json& opening);

}  // namespace portolan::cli
