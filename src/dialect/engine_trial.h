#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "dialect/engine_kind.h"
#include "model/request_facts.h"

namespace portolan::dialect {

// A request of our own, made to see how an engine answers.
struct Trial {
  struct Message {
    std::string role{};
    std::string content{};
  };

  model::Endpoint endpoint = model::Endpoint::chat_completions;
  std::string served_as{};
  std::vector<Message> messages{};  // of a completion the contents, one behind the other
  Tokens max_tokens{};
  std::uint64_t seed = 0;
  bool stream = false;
};

// Its body: temperature 0, usage asked for, and no prompt cache where an engine can be told so,
// as what lies in it may change the last bit of a number.
std::string render_trial(const Trial& trial, EngineKind kind);

// The messages alone, as chat requests and llama.cpp's /apply-template have them.
std::string render_messages(const std::vector<Trial::Message>& messages);

// What an engine answered. What it does not say is not there.
struct TrialAnswer {
  std::string text{};
  std::string finish_reason{};
  std::optional<Tokens> prompt_tokens{};
  std::optional<Tokens> completion_tokens{};
  friend bool operator==(const TrialAnswer&, const TrialAnswer&) = default;
};

// Errors of both: malformed_peer, also for a stream that does not end with [DONE].
Result<TrialAnswer> read_trial_answer(std::string_view body, model::Endpoint endpoint);
Result<TrialAnswer> read_trial_stream(std::string_view body, model::Endpoint endpoint);

}  // namespace portolan::dialect
