#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/sim_error.h"
#include "engines/sim_tokens.h"
#include "engines/sim_traits.h"
#include "wire/json_value.h"

namespace portolan::engines {

// What a client wants of the model.
struct SimRequest {
  bool chat = true;  // else a plain completion
  bool stream = false;
  bool include_usage = false;      // of stream_options
  bool continuous_usage = false;   // vLLM's continuous_usage_stats, of stream_options
  bool timings_per_token = false;  // llama.cpp's
  std::optional<std::size_t> tokens_max;
  std::vector<TokenHash> prompt;
  std::vector<std::string> words;  // of the last message, each behind its space
};

// Reads a body of /v1/chat/completions or /v1/completions. Messages become one
// prompt: for each a mark, the role, a line feed, its text and a mark. Members
// that the simulator does not know are passed over, as llama.cpp does.
std::expected<SimRequest, SimError> parse_sim_request(std::string_view body, bool chat,
                                                      const SimTraits& traits = {});

// That prompt, of the messages in a body.
std::expected<std::string, SimError> prompt_of_messages(const wire::Json& body,
                                                        const SimTraits& traits);
// How long this engine's tokens are at most.
std::size_t token_bytes_of(const SimTraits& traits);

}  // namespace portolan::engines
