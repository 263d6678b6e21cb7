#pragma once

#include <string>
#include <string_view>

#include "sim/chat_request.h"

namespace portolan::sim {

// "request 7 (eu, stream at gateway-b, 200 whole): <sentence>".
std::string say(const Sighting& seen, std::string_view sentence);

}  // namespace portolan::sim
