#include "dialect/engine_error.h"

#include <fmt/format.h>

#include <source_location>

#include "base/check.h"
#include "dialect/engine_says.h"
#include "wire/json_scan.h"

namespace portolan::dialect {
namespace {

using wire::JsonKind;
using wire::ScannedMember;
using wire::ScannedObject;

bool shaped_like_openai(std::string_view body, const ScannedObject& object) {
  const ScannedMember* error = object.find("error");
  ScannedObject inner;
  if (error == nullptr || error->kind != JsonKind::object) return false;
  if (!wire::scan_object_at(body, error->value, inner)) return false;
  const ScannedMember* message = inner.find("message");
  return message != nullptr && message->kind == JsonKind::string;
}

// The sentence in a body of another shape: vLLM once put it at the top, FastAPI
// has "detail", others {"error": "..."}.
std::string sentence_of(std::string_view body, const ScannedObject& object) {
  for (const std::string_view key : {"message", "detail", "error"}) {
    const ScannedMember* member = object.find(key);
    if (member == nullptr) continue;
    if (auto sentence = engine_says(body, member->value); !sentence.empty()) return sentence;
  }
  return {};
}

}  // namespace

EngineVerdict engine_verdict(int status) {
  switch (status) {
    case 200:
      return EngineVerdict::answered;
    case 400:
    case 413:
    case 415:
    case 422:
    case 501:
      return EngineVerdict::refused;
    case 408:
    case 425:
    case 429:
    case 503:
      return EngineVerdict::busy;
    default:
      return EngineVerdict::failed;
  }
}

Fault engine_fault(int status) {
  switch (engine_verdict(status)) {
    case EngineVerdict::busy:
      return {.code = Code::overloaded,
              .retry = Retry::elsewhere,
              .message = fmt::format("The engine had no room (status {}).", status)};
    case EngineVerdict::failed:
      return {.code = Code::engine_failed,
              .retry = Retry::elsewhere,
              .message = fmt::format("The engine failed with status {}.", status)};
    case EngineVerdict::answered:
    case EngineVerdict::refused:
      break;
  }
  fail_check("the engine is at no fault", std::source_location::current());
}

ErrorAnswer engine_refusal(int status, std::string_view body, const ErrorContext& context) {
  ScannedObject object;
  const bool read = wire::scan_object(body, object).has_value();
  const bool whole = read && shaped_like_openai(body, object);
  const std::string sentence = read && !whole ? sentence_of(body, object) : std::string();
  ErrorAnswer answer = render_error(
      {.code = Code::invalid_parameter,
       .message = sentence.empty()
                      ? fmt::format("The engine refused the request with status {}.", status)
                      : fmt::format("The engine refused the request: {}", sentence)},
      context);
  answer.status = status;
  if (whole) answer.body = body;
  return answer;
}

}  // namespace portolan::dialect
