#include "gateway/request_head.h"

#include <algorithm>
#include <charconv>

#include "base/limits.h"

namespace portolan::gateway {
namespace {

// The token of "Bearer <token>" (RFC 6750; the scheme's case does not matter).
// Another scheme's value is passed on whole, to be refused as malformed.
std::string_view bearer_token(std::string_view value) {
  constexpr std::string_view scheme = "bearer ";
  if (value.size() < scheme.size() ||
      !wire::equal_ignoring_case(value.substr(0, scheme.size()), scheme)) {
    return value;
  }
  value.remove_prefix(scheme.size());
  while (value.starts_with(' ')) value.remove_prefix(1);
  return value;
}

std::string joined(const std::vector<std::string>& scopes) {
  std::string text;
  for (const std::string& scope : scopes) text += (text.empty() ? "" : ",") + scope;
  return text;
}

}  // namespace

RequestHead read_request_head(const http::Exchange& exchange) {
  const wire::Fields& fields = exchange.head().fields;
  RequestHead head;
  if (const auto authorization = fields.find("authorization")) {
    head.key = bearer_token(*authorization);
  } else if (const auto key = fields.find("x-api-key")) {
    head.key = *key;
  }
  head.scope = fields.find("portolan-scope").value_or("");
  return head;
}

Result<bool> wants_receipt(const http::Exchange& exchange) {
  const auto sent = exchange.head().fields.find("portolan-receipt");
  if (!sent) return false;
  if (*sent == "inline") return true;
  return Fault{Code::invalid_parameter, Retry::never,
               "portolan-receipt is to be 'inline', or left out."};
}

Result<Instant> deadline_of(const http::Exchange& exchange, Instant now) {
  const auto sent = exchange.head().fields.find("portolan-timeout-ms");
  Duration allowed = limits::request_timeout_ms.milliseconds();
  if (!sent) return now + allowed;
  std::uint32_t milliseconds = 0;
  const char* end = sent->data() + sent->size();
  const auto parsed = std::from_chars(sent->data(), end, milliseconds);
  if (parsed.ec != std::errc{} || parsed.ptr != end || milliseconds == 0) {
    return Fault{Code::invalid_parameter, Retry::never,
                 "portolan-timeout-ms is to be a whole number of milliseconds, at least 1"};
  }
  return now + std::min(allowed, Duration::milliseconds(milliseconds));
}

Status check_encoding(const http::Exchange& exchange) {
  const auto encoding = exchange.head().fields.find("content-encoding");
  if (!encoding || wire::equal_ignoring_case(*encoding, "identity")) return {};
  return Fault{Code::unsupported_encoding, Retry::never,
               "The request has a Content-Encoding, and bodies are read as plain JSON."};
}

std::string scope_of(const model::View& view, const policy::Caller& caller,
                     const policy::EntryGrant& grant) {
  if (!grant.scope.empty()) return grant.scope;
  const auto workspace = policy::workspace_of(view, caller);
  if (!workspace) return {};
  return joined(view.keyring->workspace(*workspace).scopes);
}

std::string scope_of(const model::HopFacts& facts) {
  if (!facts.requested_scopes.empty()) return facts.requested_scopes.front();
  return joined(facts.workspace_scopes);
}

}  // namespace portolan::gateway
