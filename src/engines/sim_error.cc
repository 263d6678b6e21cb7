#include "engines/sim_error.h"

#include <fmt/format.h>

#include <utility>

#include "wire/json_writer.h"

namespace portolan::engines {

SimError invalid_request(std::string message) {
  return {400, "invalid_request_error", std::move(message)};
}

SimError context_exceeded(std::size_t prompt_tokens, std::size_t context) {
  return {400, "exceed_context_size_error",
          fmt::format("request ({} tokens) exceeds the available context size ({} tokens), try "
                      "increasing it",
                      prompt_tokens, context),
          prompt_tokens, context};
}

SimError not_found() { return {404, "not_found_error", "File Not Found"}; }

SimError unavailable(std::string message) { return {503, "unavailable_error", std::move(message)}; }

SimError error_of(const Fault& fault) {
  const int status = facts_of(fault.code).http_status;
  return {status, status < 500 ? "invalid_request_error" : "server_error", fault.message};
}

SimError ordered_status(int status) {
  return {status, status < 500 ? "invalid_request_error" : "server_error",
          fmt::format("status {} was ordered", status)};
}

std::string render_error(const SimError& error) {
  std::string out;
  wire::JsonWriter json(out);
  json.begin_object().key("error").begin_object();
  json.member("code", error.status).member("message", error.message).member("type", error.type);
  if (error.context > 0) {
    json.member("n_prompt_tokens", error.prompt_tokens).member("n_ctx", error.context);
  }
  json.end_object().end_object();
  return out;
}

}  // namespace portolan::engines
