#pragma once

#include <string_view>
#include <vector>

#include "http/json_reply.h"
#include "world/problem.h"

namespace portolan::control {

using http::fault_reply;
using http::json_reply;
using http::Reply;
using http::send_reply;

// As fault_reply(), for resources that are not valid, with {"file", "line",
// "column", "sentence"} for each problem in "problems".
Reply problems_reply(const std::vector<world::Problem>& problems, std::string_view request_id);

}  // namespace portolan::control
