#include "wire/frame_payload.h"

#include <optional>

#include "wire/json_cursor.h"
#include "wire/json_value.h"
#include "wire/json_writer.h"

namespace portolan::wire {
namespace {

constexpr std::string_view basis_engine = "engine";
constexpr std::string_view basis_estimated = "estimated";

std::optional<Retry> retry_named(std::string_view name) {
  for (const Retry retry : {Retry::never, Retry::elsewhere, Retry::later}) {
    if (name_of(retry) == name) {
      return retry;
    }
  }
  return std::nullopt;
}

}  // namespace

void render_usage(std::string& out, const UsageCounts& usage) {
  JsonWriter(out)
      .begin_object()
      .member("prompt_tokens", usage.prompt.value)
      .member("completion_tokens", usage.completion.value)
      .member("cached_tokens", usage.cached.value)
      .member("basis", usage.estimated ? basis_estimated : basis_engine)
      .end_object();
}

Result<UsageCounts> parse_usage(std::string_view payload) {
  TRY(const Json json, parse_json(payload, Code::malformed_peer));
  const JsonCursor usage(json, Code::malformed_peer);
  TRY(const auto prompt, usage.count("prompt_tokens"));
  TRY(const auto completion, usage.count("completion_tokens"));
  TRY(const auto cached, usage.count_or("cached_tokens", 0));
  TRY(const auto basis, usage.text_or("basis", basis_estimated));
  return UsageCounts{.prompt = {prompt},
                     .completion = {completion},
                     .cached = {cached},
                     .estimated = basis != basis_engine};
}

void render_fault(std::string& out, const FaultPayload& payload) {
  JsonWriter(out)
      .begin_object()
      .member("code", name_of(payload.fault.code))
      .member("retry", name_of(payload.fault.retry))
      .member("message", payload.fault.message)
      .member("world", payload.held.world)
      .member("keyring", payload.held.keyring)
      .member("restrictions", payload.held.restrictions)
      .end_object();
}

Result<FaultPayload> parse_fault(std::string_view payload) {
  TRY(const Json json, parse_json(payload, Code::malformed_peer));
  const JsonCursor root(json, Code::malformed_peer);
  TRY(const auto code, root.text("code"));
  TRY(const auto retry, root.text_or("retry", ""));
  TRY(const auto message, root.text_or("message", ""));
  TRY(const auto world, root.text_or("world", ""));
  TRY(const auto keyring, root.count_or("keyring", 0));
  TRY(const auto restrictions, root.count_or("restrictions", 0));
  return FaultPayload{
      .fault = {.code = code_named(code).value_or(Code::engine_failed),
                .retry = retry_named(retry).value_or(Retry::never),
                .message = std::string(message)},
      .held = {.world = std::string(world), .keyring = keyring, .restrictions = restrictions}};
}

}  // namespace portolan::wire
