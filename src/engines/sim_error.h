#pragma once

#include <cstddef>
#include <string>

#include "base/fault.h"

namespace portolan::engines {

// An answer that is no completion, as llama.cpp's server words it.
struct SimError {
  int status = 500;
  std::string type;
  std::string message;
  std::size_t prompt_tokens = 0;  // of exceed_context_size_error, else 0
  std::size_t context = 0;        // the same
};

SimError invalid_request(std::string message);
SimError context_exceeded(std::size_t prompt_tokens, std::size_t context);
SimError not_found();
SimError unavailable(std::string message);
// For bytes that are no request.
SimError error_of(const Fault& fault);
// A status that somebody ordered.
SimError ordered_status(int status);

// {"error":{"code":400,"message":"...","type":"..."}}
std::string render_error(const SimError& error);

}  // namespace portolan::engines
