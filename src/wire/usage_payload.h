#pragma once

#include <string>

#include "wire/usage_record.h"

namespace portolan::wire {

// Appends what a usage record says as one JSON object; parse_usage_body reads
// it back.
void render_usage_payload(std::string& out, const UsageBody& body);

}  // namespace portolan::wire
