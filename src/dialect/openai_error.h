#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/fault.h"
#include "base/time.h"
#include "dialect/header.h"

namespace portolan::dialect {

// What an error's body and head say beside the Fault.
struct ErrorContext {
  std::string request_id = {};
  std::string param = {};                       // the member to blame; empty: none
  std::string allow = {};                       // of 405: the path's methods, "GET, POST"
  Duration retry_after = Duration::seconds(1);  // of 429 and 503; rounded up to whole seconds
};

// A whole answer; Content-Length is the server's.
struct ErrorAnswer {
  int status = 500;
  Headers fields;
  std::string body;
};

// What a client is shown in place of `code`: what befell us at a peer, a disk or
// a library becomes engine_failed, deadline_exceeded or overloaded.
Code shown_code(Code code);

// {"error": {"message", "type", "param", "code", "request_id", "remedy",
// "retry"}} as OpenAI's SDKs read it: they choose the exception by status, and
// try again or not as `x-should-retry` says. The sentence of a fault that is
// shown as another stays inside: it may name engines.
ErrorAnswer render_error(const Fault& fault, const ErrorContext& context);

// Appends the same error as an event of a stream. OpenAI's SDKs raise an APIError
// when they read it. The connection is to be broken off behind it, with no [DONE].
void render_error_event(std::string& out, const Fault& fault, const ErrorContext& context);

}  // namespace portolan::dialect
