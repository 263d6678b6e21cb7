#include "dialect/engine_features.h"

#include <gtest/gtest.h>

namespace portolan::dialect {
namespace {

TEST(EngineFeatures, WhatHasAPathThatIsNotServedIsGivenByNone) {
  for (const auto kind : {EngineKind::llama_cpp, EngineKind::vllm, EngineKind::openai}) {
    EXPECT_FALSE(gives_feature(kind, "embeddings"));
    EXPECT_FALSE(gives_feature(kind, "rerank"));
    EXPECT_TRUE(gives_feature(kind, "chat"));
    EXPECT_TRUE(gives_feature(kind, "completions"));
    EXPECT_TRUE(gives_feature(kind, "tools"));
  }
}

TEST(EngineFeatures, RunningUsageIsWhatAPlainServerDoesNotPromise) {
  EXPECT_TRUE(gives_feature(EngineKind::llama_cpp, "running-usage"));
  EXPECT_TRUE(gives_feature(EngineKind::sglang, "running-usage"));
  EXPECT_FALSE(gives_feature(EngineKind::openai, "running-usage"));
}

}  // namespace
}  // namespace portolan::dialect
