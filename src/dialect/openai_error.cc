#include "dialect/openai_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <source_location>

#include "base/check.h"
#include "wire/json_writer.h"
#include "wire/sse.h"

namespace portolan::dialect {
namespace {

std::string_view error_type(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 409:
      return "conflict_error";
    case 429:
      return "rate_limit_error";
    default:
      return status >= 500 ? "server_error" : "invalid_request_error";
  }
}

// What happened, what to do, and what to name when asking about it.
std::string message_of(std::string_view sentence, std::string_view remedy,
                       const std::string& request_id) {
  std::string message(sentence);
  if (!message.contains(remedy)) message.append(message.empty() ? "" : " ").append(remedy);
  if (!request_id.empty()) message += fmt::format(" (request {})", request_id);
  return message;
}

void render_body(std::string& out, const Fault& fault, const ErrorContext& context) {
  const Code code = shown_code(fault.code);
  const CodeFacts& facts = facts_of(code);
  const bool own = code == fault.code && !fault.message.empty();
  wire::JsonWriter json(out);
  json.begin_object().key("error").begin_object();
  json.member("message", message_of(own ? std::string_view(fault.message) : facts.meaning,
                                    facts.remedy, context.request_id));
  json.member("type", error_type(facts.http_status)).key("param");
  if (context.param.empty()) {
    json.null();
  } else {
    json.value(std::string_view(context.param));
  }
  json.member("code", facts.name).member("request_id", std::string_view(context.request_id));
  json.member("remedy", facts.remedy).member("retry", name_of(fault.retry));
  json.end_object().end_object();
}

std::string whole_seconds(Duration wait) {
  const Duration second = Duration::seconds(1);
  const auto rounded = (wait.ns + second.ns - 1) / second.ns;
  return std::to_string(std::max<std::int64_t>(1, rounded));
}

// RFC 6750 section 3: an error code only where a key was sent.
std::string_view challenge(Code code) {
  return code == Code::missing_key ? R"(Bearer realm="portolan")"
                                   : R"(Bearer realm="portolan", error="invalid_token")";
}

}  // namespace

Code shown_code(Code code) {
  switch (code) {
    case Code::connection_closed:
    case Code::connection_refused:
    case Code::connection_reset:
    case Code::unreachable:
    case Code::malformed_peer:
    case Code::untrusted_peer:
      return Code::engine_failed;
    case Code::timed_out:
      return Code::deadline_exceeded;
    case Code::disk_failed:
    case Code::disk_full:
    case Code::store_failed:
    case Code::bad_configuration:
    case Code::limit_exceeded:
      return Code::overloaded;
    case Code::missing_key:
    case Code::malformed_key:
    case Code::unknown_key:
    case Code::revoked_key:
    case Code::expired_key:
    case Code::admin_key_required:
    case Code::wrong_region:
    case Code::scope_denied:
    case Code::unknown_scope:
    case Code::model_not_found:
    case Code::model_denied:
    case Code::malformed_request:
    case Code::malformed_json:
    case Code::escaped_key:
    case Code::repeated_key:
    case Code::invalid_parameter:
    case Code::path_not_found:
    case Code::method_not_allowed:
    case Code::request_timeout:
    case Code::body_too_large:
    case Code::head_too_large:
    case Code::unsupported_encoding:
    case Code::unsupported_version:
    case Code::rate_limited:
    case Code::attempts_exhausted:
    case Code::engine_failed:
    case Code::scope_exhausted:
    case Code::world_skew:
    case Code::no_world:
    case Code::overloaded:
    case Code::draining:
    case Code::deadline_exceeded:
    case Code::usage_log_full:
    case Code::receipt_not_found:
    case Code::receipt_unavailable:
    case Code::resource_not_found:
    case Code::resource_conflict:
    case Code::change_guarded:
    case Code::invalid_resource:
    case Code::stale_version:
    case Code::bad_signature:
    case Code::cancelled:
      return code;
  }
  fail_check("a code that is not in the closed set", std::source_location::current());
}

ErrorAnswer render_error(const Fault& fault, const ErrorContext& context) {
  ErrorAnswer answer;
  answer.status = facts_of(shown_code(fault.code)).http_status;
  render_body(answer.body, fault, context);
  answer.fields.push_back({"content-type", "application/json"});
  answer.fields.push_back({"x-should-retry", fault.retry == Retry::never ? "false" : "true"});
  if (answer.status == 401) {
    answer.fields.push_back({"www-authenticate", std::string(challenge(fault.code))});
  }
  if (answer.status == 405 && !context.allow.empty()) {
    answer.fields.push_back({"allow", context.allow});
  }
  if (answer.status == 429 || answer.status == 503) {
    answer.fields.push_back({"retry-after", whole_seconds(context.retry_after)});
  }
  return answer;
}

void render_error_event(std::string& out, const Fault& fault, const ErrorContext& context) {
  std::string body;
  render_body(body, fault, context);
  wire::render_event(out, body);
}

}  // namespace portolan::dialect
