#include "dialect/engine_trial.h"

#include <gtest/gtest.h>

namespace portolan::dialect {
namespace {

using model::Endpoint;

Trial trial() {
  return {.endpoint = Endpoint::chat_completions,
          .served_as = "small",
          .messages = {{"system", "Be brief."}, {"user", "Hi"}},
          .max_tokens = Tokens{8},
          .seed = 7,
          .stream = false};
}

// As llama.cpp's server streams, shortened.
std::string stream(std::string_view end) {
  return std::string(
             "data: {\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":"
             "{\"role\":\"assistant\",\"content\":null}}],\"model\":\"small\"}\n\n"
             "data: {\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":"
             "{\"content\":\"El\"}}]}\n\n: still here\n\n"
             "data: {\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":"
             "{\"content\":\" sol\"}}]}\n\n"
             "data: {\"choices\":[{\"finish_reason\":\"length\",\"index\":0,\"delta\":{}}]}\n\n")
      .append(end);
}

constexpr std::string_view usage_event =
    "data: {\"choices\":[],\"usage\":{\"completion_tokens\":2,\"prompt_tokens\":35,"
    "\"total_tokens\":37}}\n\n";

Code fault_of_stream(std::string_view body) {
  const auto read = read_trial_stream(body, Endpoint::chat_completions);
  return read ? Code::cancelled : read.error().code;
}

TEST(EngineTrial, BrokenAnswersAreFaultsOfTheEngine) {
  for (const std::string_view body :
       {"", "{}", "[]", "{\"choices\":7}", "{\"choices\":[]}", "{\"choices\":[{}]}",
        "{\"choices\":[{\"message\":{\"content\":7}}]}", "<html>",
        "{\"choices\":[{\"message\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":-1}}",
        "{\"choices\":[{\"message\":{\"content\":\"a\"}"}) {
    EXPECT_EQ(read_trial_answer(body, Endpoint::chat_completions).error().code,
              Code::malformed_peer)
        << body;
  }
}

TEST(EngineTrial, AStreamThatIsCutOrGarbledIsAFaultOfTheEngine) {
  EXPECT_EQ(fault_of_stream(""), Code::malformed_peer);
  EXPECT_EQ(fault_of_stream(stream("")), Code::malformed_peer);
  EXPECT_EQ(fault_of_stream(stream("data: {\"choices\":[\n\ndata: [DONE]\n\n")),
            Code::malformed_peer);
  EXPECT_EQ(fault_of_stream(stream("data: {\"error\":{\"code\":500}}\n\ndata: [DONE]\n\n")),
            Code::malformed_peer);
  EXPECT_EQ(fault_of_stream("<html>\n\n"), Code::malformed_peer);
}

TEST(EngineTrial, AnAnswerSaysTextCountsAndWhyItEnded) {
  const auto chat = read_trial_answer(
      R"({"choices":[{"finish_reason":"stop","index":0,"message":{"role":"assistant",)"
      R"("content":"Lima"}}],"usage":{"completion_tokens":2,"prompt_tokens":35}})",
      Endpoint::chat_completions);
  ASSERT_TRUE(chat);
  EXPECT_EQ(*chat, (TrialAnswer{"Lima", "stop", Tokens{35}, Tokens{2}}));
  const auto completion = read_trial_answer(
      R"({"choices":[{"text":" the","index":0,"logprobs":null,"finish_reason":"length"}]})",
      Endpoint::completions);
  ASSERT_TRUE(completion);
  EXPECT_EQ(*completion, (TrialAnswer{" the", "length", std::nullopt, std::nullopt}));
}

TEST(EngineTrial, AStreamAddsUpToAnAnswer) {
  const auto counted = read_trial_stream(stream(std::string(usage_event) + "data: [DONE]\n\n"),
                                         Endpoint::chat_completions);
  ASSERT_TRUE(counted);
  EXPECT_EQ(*counted, (TrialAnswer{"El sol", "length", Tokens{35}, Tokens{2}}));
  const auto bare = read_trial_stream(stream("data: [DONE]\n\n"), Endpoint::chat_completions);
  ASSERT_TRUE(bare);
  EXPECT_EQ(*bare, (TrialAnswer{"El sol", "length", std::nullopt, std::nullopt}));
}

TEST(EngineTrial, IsAskedWithoutChanceAndWithoutACache) {
  Trial asked = trial();
  EXPECT_EQ(render_trial(asked, EngineKind::llama_cpp),
            R"({"model":"small","messages":[{"role":"system","content":"Be brief."},)"
            R"({"role":"user","content":"Hi"}],"max_tokens":8,"temperature":0,"seed":7,)"
            R"("stream":false,"cache_prompt":false})");
  asked.stream = true;
  EXPECT_NE(render_trial(asked, EngineKind::openai)
                .find(R"("stream":true,"stream_options":{"include_usage":true}})"),
            std::string::npos);
  asked.endpoint = Endpoint::completions;
  EXPECT_NE(render_trial(asked, EngineKind::vllm).find(R"("prompt":"Be brief.Hi")"),
            std::string::npos);
}

}  // namespace
}  // namespace portolan::dialect
