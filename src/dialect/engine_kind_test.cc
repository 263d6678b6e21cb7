#include "dialect/engine_kind.h"

#include <gtest/gtest.h>

namespace portolan::dialect {
namespace {

TEST(EngineKind, AnUnknownNameIsNoKind) {
  EXPECT_EQ(engine_kind_named("ollama"), std::nullopt);
  EXPECT_EQ(engine_kind_named("llama_cpp"), std::nullopt);
  EXPECT_EQ(engine_kind_named("vLLM"), std::nullopt);
  EXPECT_EQ(engine_kind_named(""), std::nullopt);
}

TEST(EngineKind, EveryKindIsFoundByItsName) {
  for (const auto kind :
       {EngineKind::llama_cpp, EngineKind::vllm, EngineKind::sglang, EngineKind::openai}) {
    EXPECT_EQ(engine_kind_named(name_of(kind)), kind);
  }
  EXPECT_EQ(name_of(EngineKind::llama_cpp), "llama.cpp");
}

TEST(EngineKind, OnlyTheTwoEndpointsHavePaths) {
  EXPECT_EQ(endpoint_at("/v1/embeddings"), std::nullopt);
  EXPECT_EQ(endpoint_at("/v1/completions/"), std::nullopt);
  EXPECT_EQ(endpoint_at("/v1/chat/completions"), model::Endpoint::chat_completions);
  EXPECT_EQ(endpoint_at("/v1/completions"), model::Endpoint::completions);
}

TEST(EngineKind, APathPrefixIsJoinedWithOneSlash) {
  model::Engine engine;
  EXPECT_EQ(engine_target(engine, "/v1/models"), "/v1/models");
  for (const char* prefix : {"/api", "/api/", "api", "api//"}) {
    engine.path_prefix = prefix;
    EXPECT_EQ(engine_target(engine, "/v1/models"), "/api/v1/models") << prefix;
  }
}

TEST(EngineKind, APlainOpenAiServerIsAskedForNothingItMayNotKnow) {
  EXPECT_EQ(usage_switches(EngineKind::openai), UsageSwitches{});
  EXPECT_TRUE(usage_switches(EngineKind::llama_cpp).timings_per_token);
  EXPECT_TRUE(usage_switches(EngineKind::vllm).continuous_usage_stats);
  EXPECT_TRUE(usage_switches(EngineKind::sglang).continuous_usage_stats);
}

}  // namespace
}  // namespace portolan::dialect
