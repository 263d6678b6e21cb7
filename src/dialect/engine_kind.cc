#include "dialect/engine_kind.h"

#include <array>
#include <source_location>

#include "base/check.h"

namespace portolan::dialect {
namespace {

constexpr std::array kinds = {EngineKind::llama_cpp, EngineKind::vllm, EngineKind::sglang,
                              EngineKind::openai};
constexpr std::array endpoints = {model::Endpoint::chat_completions, model::Endpoint::completions};

[[noreturn]] void fail_unknown() {
  fail_check("a value that is not in its closed set", std::source_location::current());
}

}  // namespace

std::string_view name_of(EngineKind kind) {
  switch (kind) {
    case EngineKind::llama_cpp:
      return "llama.cpp";
    case EngineKind::vllm:
      return "vllm";
    case EngineKind::sglang:
      return "sglang";
    case EngineKind::openai:
      return "openai";
  }
  fail_unknown();
}

std::optional<EngineKind> engine_kind_named(std::string_view name) {
  for (const EngineKind kind : kinds) {
    if (name_of(kind) == name) return kind;
  }
  return std::nullopt;
}

std::string_view health_path(EngineKind kind) {
  switch (kind) {
    case EngineKind::llama_cpp:
    case EngineKind::vllm:
    case EngineKind::sglang:
      return "/health";
    case EngineKind::openai:
      return "/v1/models";
  }
  fail_unknown();
}

std::string_view path_of(model::Endpoint endpoint) {
  switch (endpoint) {
    case model::Endpoint::chat_completions:
      return "/v1/chat/completions";
    case model::Endpoint::completions:
      return "/v1/completions";
  }
  fail_unknown();
}

std::optional<model::Endpoint> endpoint_at(std::string_view path) {
  for (const model::Endpoint endpoint : endpoints) {
    if (path_of(endpoint) == path) return endpoint;
  }
  return std::nullopt;
}

std::string engine_target(const model::Engine& engine, std::string_view path) {
  std::string_view prefix = engine.path_prefix;
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  std::string target;
  if (!prefix.empty() && !prefix.starts_with('/')) target += '/';
  return target.append(prefix).append(path);
}

UsageSwitches usage_switches(EngineKind kind) {
  switch (kind) {
    case EngineKind::llama_cpp:
      return {.timings_per_token = true};
    case EngineKind::vllm:
    case EngineKind::sglang:
      return {.continuous_usage_stats = true};
    case EngineKind::openai:
      return {};
  }
  fail_unknown();
}

}  // namespace portolan::dialect
