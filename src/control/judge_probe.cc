#include "control/judge_probe.h"

#include <fmt/format.h>

namespace portolan::control {
namespace {

std::uint64_t distance(Tokens first, Tokens other) {
  return first > other ? first.value - other.value : other.value - first.value;
}

bool differ(const std::optional<Tokens>& first, const std::optional<Tokens>& other) {
  return first && other && *first != *other;
}

}  // namespace

std::vector<std::string> contradictions(const world::PromptProbe& probe) {
  std::vector<std::string> said;
  if (differ(probe.prompt_tokens, probe.tokens_by_template)) {
    said.push_back(fmt::format(
        "its usage counts {} prompt tokens where its own template and tokenizer make {}",
        probe.prompt_tokens->value, probe.tokens_by_template->value));
  }
  const auto& told = probe.completion_tokens;
  const auto& counted = probe.completion_tokens_counted;
  if (told && counted && distance(*told, *counted) > 2 + counted->value / 8) {
    said.push_back(
        fmt::format("its usage counts {} tokens of an answer where its own tokenizer finds {}",
                    told->value, counted->value));
  }
  if (differ(probe.streamed_prompt_tokens, probe.prompt_tokens)) {
    said.push_back(fmt::format("a stream counts {} prompt tokens and a whole answer {}",
                               probe.streamed_prompt_tokens->value, probe.prompt_tokens->value));
  }
  if (probe.streamed_the_same == false) {
    said.emplace_back("a stream says something else than a whole answer");
  } else if (differ(probe.streamed_completion_tokens, probe.completion_tokens)) {
    said.push_back(fmt::format("a stream counts {} tokens of the same answer and a whole one {}",
                               probe.streamed_completion_tokens->value,
                               probe.completion_tokens->value));
  }
  return said;
}

}  // namespace portolan::control
