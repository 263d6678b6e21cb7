#include "policy/may_retry.h"

#include "base/limits.h"

namespace portolan::policy {
namespace {

// What a client is told of a fault. The codes from connection_closed on are about
// peers, disks and libraries; to a client they are one: the engine was lost.
Code client_code(Code code) {
  static_assert(Code::cancelled < Code::connection_closed);
  return code > Code::cancelled ? Code::engine_failed : code;
}

bool blames_request(Code code) {
  const int status = facts_of(code).http_status;
  return status >= 400 && status < 500;
}

}  // namespace

RetryVerdict may_retry(const AttemptOutcome& outcome) {
  const Fault& fault = outcome.fault;
  const Code told = client_code(fault.code);
  if (outcome.first_byte_sent) {
    return {told, "the client has seen part of an answer"};
  }
  if (blames_request(fault.code)) {
    return {told, "the request would fail everywhere"};
  }
  if (fault.retry != Retry::elsewhere) {
    return {told, "whoever saw the failure says that elsewhere does not help"};
  }
  if (outcome.deadline_left <= Duration{}) {
    return {Code::deadline_exceeded, "the request's time is over"};
  }
  if (outcome.executions >= limits::executions_max.value) {
    return {Code::attempts_exhausted, "executions_max is reached"};
  }
  if (!outcome.body_replayable) {
    return {told, "the body is not held any more"};
  }
  return {std::nullopt, "another zone may do it"};
}

}  // namespace portolan::policy
