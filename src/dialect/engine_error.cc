#include "dialect/engine_error.h"

#include <fmt/format.h>

#include <optional>
#include <source_location>
#include <utility>

#include "base/check.h"
#include "dialect/engine_says.h"
#include "wire/json_scan.h"
#include "wire/json_writer.h"

namespace portolan::dialect {
namespace {

using wire::JsonKind;
using wire::ScannedMember;
using wire::ScannedObject;

// The body with our request id in its error, in place of one of the engine's; or
// nothing where the body is not shaped like OpenAI's.
std::optional<std::string> with_request_id(std::string_view body, const ScannedObject& object,
                                           const std::string& request_id) {
  const ScannedMember* error = object.find("error");
  ScannedObject inner;
  if (error == nullptr || error->kind != JsonKind::object) return std::nullopt;
  if (!wire::scan_object_at(body, error->value, inner)) return std::nullopt;
  const ScannedMember* message = inner.find("message");
  if (message == nullptr || message->kind != JsonKind::string) return std::nullopt;
  std::string id;
  wire::JsonWriter(id).value(std::string_view(request_id));
  std::string out(body);
  if (const ScannedMember* own = inner.find("request_id")) {
    return out.replace(own->value.begin, own->value.size(), id);
  }
  return out.insert(inner.braces.begin + 1, fmt::format(R"("request_id":{},)", id));
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
  auto whole = read ? with_request_id(body, object, context.request_id) : std::nullopt;
  const std::string sentence = read && !whole ? sentence_of(body, object) : std::string();
  ErrorAnswer answer = render_error(
      {.code = Code::invalid_parameter,
       .message = sentence.empty()
                      ? fmt::format("The engine refused the request with status {}.", status)
                      : fmt::format("The engine refused the request: {}", sentence)},
      context);
  answer.status = status;
  if (whole) answer.body = std::move(*whole);
  return answer;
}

}  // namespace portolan::dialect
