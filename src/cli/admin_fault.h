#pragma once

#include <string>

#include "base/fault.h"

namespace portolan::cli {

// What control says in {"error": {"code", "message", "problems": [...]}}.
Fault fault_of_answer(int status, const std::string& body);

}  // namespace portolan::cli
