#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "dialect/engine_kind.h"

namespace portolan::dialect {

// What engines say of themselves, beside what they answer to clients. Whatever an engine does not
// say, or says in a form that is not known here, is not there.

// Where an engine tells it. Empty: engines of this kind have no such place.
struct PropsPaths {
  std::string_view models{};
  std::string_view props{};
  std::string_view apply_template{};
  std::string_view tokenize{};
};
PropsPaths props_paths(EngineKind kind);

// Out of the list of models: whether it has the name, and what stands beside it. Of an engine with
// one model alone the latter is told whatever its name.
struct ListedModel {
  bool listed = false;
  std::optional<Tokens> context{};  // llama.cpp: meta.n_ctx; vLLM and SGLang: max_model_len
  std::optional<Tokens> trained_context{};
  std::optional<std::uint64_t> parameters{};
  std::optional<std::uint64_t> vocabulary{};
  std::optional<Bytes> bytes{};
  friend bool operator==(const ListedModel&, const ListedModel&) = default;
};
// Errors, of these four: malformed_peer.
Result<ListedModel> read_model_list(std::string_view body, std::string_view served_as);

// llama.cpp's /props.
struct EngineProps {
  std::optional<Tokens> context{};  // of one slot
  std::optional<std::uint64_t> slots{};
  std::string chat_template{};  // empty: it does not say
  friend bool operator==(const EngineProps&, const EngineProps&) = default;
};
Result<EngineProps> read_props(std::string_view body);

// llama.cpp's /apply-template answers with the prompt that messages become.
Result<std::string> read_applied_template(std::string_view body);

// llama.cpp's /tokenize: with what begins and ends a prompt, or of a text alone.
enum class SpecialTokens : std::uint8_t { none, of_a_prompt };
std::string render_tokenize(std::string_view text, SpecialTokens special);
Result<std::vector<std::uint64_t>> read_token_list(std::string_view body);

}  // namespace portolan::dialect
