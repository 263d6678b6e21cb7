#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/fault.h"
#include "dialect/openai_error.h"

namespace portolan::dialect {

// Whose affair an engine's status is.
enum class EngineVerdict : std::uint8_t {
  answered,  // 200: the answer follows
  refused,   // the request is at fault: every engine would say the same; pass it on
  busy,      // no work was done, another engine may have room
  failed,    // the engine, or what we were told about it, is at fault
};

// 401, 403 and 404 are `failed`: they answer our credential and our path, never
// the client's.
EngineVerdict engine_verdict(int status);

// The Fault of `busy` (overloaded) and `failed` (engine_failed); both say
// elsewhere. Names the status and nothing of the engine.
Fault engine_fault(int status);

// What the client gets of a request that the engine refused: the engine's status
// and, when it is OpenAI-shaped ({"error": {"message": ...}}), its body with our
// `request_id` in the error.
// Another body is put into that shape; a text in it that shows a URL is left out.
ErrorAnswer engine_refusal(int status, std::string_view body, const ErrorContext& context);

}  // namespace portolan::dialect
