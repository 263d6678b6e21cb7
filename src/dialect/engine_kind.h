#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/request_facts.h"
#include "model/resources.h"

namespace portolan::dialect {

// What an engine speaks, as `kind` in a Deployment names it. `openai` is any
// server that keeps to OpenAI's API and promises nothing beyond it.
enum class EngineKind : std::uint8_t { llama_cpp, vllm, sglang, openai };

std::string_view name_of(EngineKind kind);
std::optional<EngineKind> engine_kind_named(std::string_view name);

// Answers 200 to GET when the engine can serve; no work is done for it.
std::string_view health_path(EngineKind kind);

// The same at every engine and at our own front doors: "/v1/chat/completions".
std::string_view path_of(model::Endpoint endpoint);
std::optional<model::Endpoint> endpoint_at(std::string_view path);

// The request target at that engine: its path_prefix and the path behind it.
std::string engine_target(const model::Engine& engine, std::string_view path);

// How an engine is made to tell its counts while it answers. Members of the
// request's body; where there is none, counts come at the end at best.
struct UsageSwitches {
  bool timings_per_token = false;       // top-level member, llama.cpp
  bool continuous_usage_stats = false;  // of stream_options, vLLM and SGLang
  friend bool operator==(const UsageSwitches&, const UsageSwitches&) = default;
};
UsageSwitches usage_switches(EngineKind kind);

}  // namespace portolan::dialect
