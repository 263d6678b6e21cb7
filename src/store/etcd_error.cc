#include <fmt/format.h>

#include <string_view>

#include "store/etcd_messages.h"

namespace portolan::store {
namespace {

// Codes of gRPC that are etcd's word about the request itself.
constexpr std::uint64_t invalid_argument = 3;
constexpr std::uint64_t not_found = 5;
constexpr std::uint64_t permission_denied = 7;
constexpr std::uint64_t resource_exhausted = 8;
constexpr std::uint64_t failed_precondition = 9;
constexpr std::uint64_t out_of_range = 11;
constexpr std::uint64_t unimplemented = 12;
constexpr std::uint64_t unauthenticated = 16;

Fault too_large(std::string_view message) {
  return Fault{Code::limit_exceeded, Retry::never,
               fmt::format("etcd refuses a change of that size ({}). Start its members with a "
                           "larger --max-request-bytes, or make the change in parts.",
                           message)};
}

Fault fault_of(std::uint64_t code, std::string_view message) {
  const auto says = [&](std::string_view words) { return message.contains(words); };
  if (says("required revision has been compacted")) {
    return Fault{Code::stale_version, Retry::never,
                 "That revision of the store is no longer kept. Read the newest state and go on "
                 "from there."};
  }
  if (says("is a future revision")) {
    return Fault{Code::invalid_parameter, Retry::later,
                 "That revision of the store is still to come."};
  }
  if (says("lease not found")) {
    return Fault{Code::resource_not_found, Retry::never, "The lease has ended."};
  }
  if (says("request is too large") || says("larger than max") || says("too many operations")) {
    return too_large(message);
  }
  if (says("no leader") || says("not capable") || says("learner")) {
    return Fault{Code::unreachable, Retry::elsewhere, std::string(message)};
  }
  switch (code) {
    case resource_exhausted:
      return Fault{Code::store_failed, Retry::later,
                   fmt::format("etcd has no room: {}. Compact and defragment it, or raise its "
                               "--quota-backend-bytes; then disarm the alarm.",
                               message)};
    case permission_denied:
    case unauthenticated:
      return Fault{Code::store_failed, Retry::never,
                   fmt::format("etcd does not let this process in: {}. It wants a user; give it a "
                               "client certificate that it trusts, with no user.",
                               message)};
    case invalid_argument:
    case not_found:
    case failed_precondition:
    case out_of_range:
    case unimplemented:
      return Fault{Code::store_failed, Retry::never, fmt::format("etcd refuses: {}", message)};
    default:
      return Fault{Code::timed_out, Retry::elsewhere, std::string(message)};
  }
}

}  // namespace

Fault read_error(const wire::Json& answer) {
  const wire::Json* error = answer.find("error");
  // Older gateways say the sentence twice, the first time as "error" itself.
  const wire::Json& said = error != nullptr && error->as_object() != nullptr ? *error : answer;
  const wire::Json* code = said.find("code");
  if (code == nullptr) code = said.find("grpc_code");
  const wire::Json* message = said.find("message");
  const auto number = code != nullptr ? code->as_uint64() : std::nullopt;
  const auto* sentence = message != nullptr ? message->as_string() : nullptr;
  return fault_of(number.value_or(0), sentence != nullptr ? *sentence : "no reason given");
}

}  // namespace portolan::store
