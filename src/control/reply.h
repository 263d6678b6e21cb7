#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/exchange.h"
#include "wire/json_value.h"
#include "world/problem.h"

namespace portolan::control {

// An answer of control's APIs before it is sent.
struct Reply {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::string allow;  // of a 405
};

// The JSON with two spaces a level: people read it with curl.
Reply json_reply(const wire::Json& json, int status = 200);

// {"error": {"code", "message", "request_id", "remedy"}}
Reply fault_reply(const Fault& fault, std::string_view request_id);

// The same for resources that are not valid, with {"file", "line", "column",
// "sentence"} for each problem in "problems".
Reply problems_reply(const std::vector<world::Problem>& problems, std::string_view request_id);

runtime::Task<Status> send_reply(http::Exchange& exchange, Reply reply);

}  // namespace portolan::control
