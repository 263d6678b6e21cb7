#include "engines/sim_engine.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engines/sim_engine_test_support.h"
#include "runtime/wait.h"

namespace portolan::engines {
namespace {

using namespace testing;

SimOptions with_context(std::size_t tokens) {
  SimOptions options = quick();
  options.context = tokens;
  return options;
}

TEST(SimEngine, AnswersBadRequestsAsLlamaCppDoes) {
  perform([](Stage& stage) -> Task<void> {
    const auto broken = co_await post(stage, "/v1/chat/completions", "{\"model\":");
    EXPECT_EQ(broken.status, 400);
    EXPECT_EQ(at(json_of(broken.body), {"error", "type"}), Json("invalid_request_error"));
    EXPECT_EQ(at(json_of(broken.body), {"error", "code"}), Json(400));
    const auto elsewhere = co_await get(stage, "/v2");
    EXPECT_EQ(elsewhere.status, 404);
    const auto wrong = co_await get(stage, "/v1/chat/completions");
    EXPECT_EQ(wrong.status, 404);
    EXPECT_EQ(at(json_of(wrong.body), {"error", "type"}), Json("not_found_error"));
  });
}

TEST(SimEngine, RefusesAPromptBeyondItsContext) {
  perform(
      [](Stage& stage) -> Task<void> {
        const auto answer = co_await chat(stage, "");
        EXPECT_EQ(answer.status, 400);
        const Json body = json_of(answer.body);
        EXPECT_EQ(at(body, {"error", "type"}), Json("exceed_context_size_error"));
        EXPECT_EQ(at(body, {"error", "n_ctx"}), Json(10));
        EXPECT_EQ(at(body, {"error", "n_prompt_tokens"}), Json(10));
        EXPECT_EQ(stage.state.executions.total().refused, 1u);
      },
      with_context(10));
}

TEST(SimEngine, EndsAnAnswerAtItsContext) {
  perform(
      [](Stage& stage) -> Task<void> {
        const auto answer = co_await chat(stage, R"(,"max_tokens":50)");
        const Json body = json_of(answer.body);
        EXPECT_EQ(at(body, {"usage", "total_tokens"}), Json(14));
        EXPECT_EQ(at(body, {"choices", "0", "finish_reason"}), Json("length"));
      },
      with_context(14));
}

TEST(SimEngine, CountsWhatItSays) {
  perform([](Stage& stage) -> Task<void> {
    const auto answer = co_await chat(stage, R"(,"max_tokens":7,"model":"any")");
    EXPECT_EQ(answer.status, 200);
    const Json body = json_of(answer.body);
    EXPECT_EQ(at(body, {"usage", "prompt_tokens"}), Json(10));
    EXPECT_EQ(at(body, {"usage", "completion_tokens"}), Json(7));
    EXPECT_EQ(at(body, {"usage", "total_tokens"}), Json(17));
    EXPECT_EQ(at(body, {"usage", "prompt_tokens_details", "cached_tokens"}), Json(0));
    EXPECT_EQ(at(body, {"model"}), Json("engine-sim"));
    const Json content = at(body, {"choices", "0", "message", "content"});
    EXPECT_EQ(count_tokens(*content.as_string()), 7u);
    EXPECT_EQ(stage.state.executions.total().tokens, 7u);
  });
}

TEST(SimEngine, HoldsPromptsItHasSeen) {
  perform([](Stage& stage) -> Task<void> {
    const auto first = co_await chat(stage, R"(,"max_tokens":3)");
    const auto again = co_await chat(stage, R"(,"max_tokens":3)");
    EXPECT_EQ(at(json_of(again.body), {"timings", "cache_n"}), Json(9));
    EXPECT_EQ(at(json_of(again.body), {"timings", "prompt_n"}), Json(1));
    EXPECT_EQ(at(json_of(first.body), {"choices"}), at(json_of(again.body), {"choices"}));
  });
}

TEST(SimEngine, StreamsFromTheRoleToDone) {
  perform([](Stage& stage) -> Task<void> {
    const auto answer = co_await chat(stage, R"(,"max_tokens":3,"stream":true)");
    EXPECT_EQ(answer.field("content-type"), "text/event-stream");
    const auto events = events_of(answer.body);
    EXPECT_EQ(events.size(), 6u);
    EXPECT_EQ(at(events.at(0), {"choices", "0", "delta", "role"}), Json("assistant"));
    EXPECT_EQ(at(events.at(1), {"timings"}), Json());
    EXPECT_EQ(at(events.at(1), {"object"}), Json("chat.completion.chunk"));
    EXPECT_EQ(at(events.at(4), {"choices", "0", "finish_reason"}), Json("length"));
    EXPECT_EQ(at(events.at(4), {"timings", "predicted_n"}), Json(3));
    EXPECT_EQ(at(events.at(4), {"usage"}), Json());
    EXPECT_EQ(events.at(5), Json("[DONE]"));
  });
}

TEST(SimEngine, TellsRunningCountsWhenAsked) {
  perform([](Stage& stage) -> Task<void> {
    const auto answer = co_await chat(
        stage, R"(,"max_tokens":2,"stream":true,"timings_per_token":true,)"
               R"("stream_options":{"include_usage":true,"continuous_usage_stats":true})");
    const auto events = events_of(answer.body);
    EXPECT_EQ(events.size(), 6u);
    EXPECT_EQ(at(events.at(1), {"timings", "predicted_n"}), Json(1));
    EXPECT_EQ(at(events.at(1), {"timings", "prompt_n"}), Json(10));
    EXPECT_EQ(at(events.at(2), {"usage", "completion_tokens"}), Json(2));
    EXPECT_EQ(at(events.at(4), {"choices"}), Json::array());
    EXPECT_EQ(at(events.at(4), {"usage", "total_tokens"}), Json(12));
  });
}

TEST(SimEngine, TellsACompletionsUsageInItsLastChoice) {
  perform([](Stage& stage) -> Task<void> {
    const auto answer = co_await post(stage, "/v1/completions",
                                      R"({"prompt":"Once upon","max_tokens":2,"stream":true})");
    const auto events = events_of(answer.body);
    EXPECT_EQ(events.size(), 4u);
    EXPECT_EQ(at(events.at(0), {"object"}), Json("text_completion"));
    EXPECT_EQ(at(events.at(2), {"usage", "completion_tokens"}), Json(2));
    EXPECT_EQ(at(events.at(2), {"choices", "0", "text"}), Json(""));
  });
}

TEST(SimEngine, EchoesTheLastMessagesWordsWhenItIsToldTo) {
  SimOptions echo = quick();
  echo.echo = true;
  perform(
      [](Stage& stage) -> Task<void> {
        const auto answer = co_await chat(stage, R"(,"max_tokens":3)");
        const Json body = json_of(answer.body);
        EXPECT_EQ(at(body, {"choices", "0", "message", "content"}), Json("Say hello Say"));
        const auto silence =
            co_await post(stage, "/v1/completions", R"({"prompt":" ","max_tokens":2})");
        EXPECT_EQ(at(json_of(silence.body), {"usage", "completion_tokens"}), Json(2));
      },
      echo);
}

TEST(SimEngine, TellsHealthModelsAndMetrics) {
  perform([](Stage& stage) -> Task<void> {
    const auto health = co_await get(stage, "/health");
    EXPECT_EQ(health.body, R"({"status":"ok"})");
    const auto models = co_await get(stage, "/v1/models");
    EXPECT_EQ(at(json_of(models.body), {"data", "0", "id"}), Json("engine-sim"));
    const auto answer = co_await chat(stage, R"(,"max_tokens":5)");
    EXPECT_EQ(answer.status, 200);
    const auto metrics = co_await get(stage, "/metrics");
    EXPECT_NE(metrics.body.find("\nllamacpp:tokens_predicted_total 5\n"), std::string::npos);
    EXPECT_NE(metrics.body.find("\nllamacpp:prompt_tokens_total 10\n"), std::string::npos);
    EXPECT_NE(metrics.body.find("\nllamacpp:requests_processing 0\n"), std::string::npos);
  });
}

TEST(SimEngine, CountsExecutionsOfEachRequest) {
  perform([](Stage& stage) -> Task<void> {
    for (int i = 0; i < 2; ++i) {
      http::Request request = chat_request(R"(,"max_tokens":2)");
      request.fields.push_back({"Portolan-Request-Id", "r-1"});
      const auto answer = co_await ask(stage, std::move(request));
      EXPECT_EQ(answer.status, 200);
    }
    const auto counts = co_await get(stage, "/sim/executions");
    const Json row = at(json_of(counts.body), {"requests", "r-1"});
    EXPECT_EQ(at(row, {"started"}), Json(2));
    EXPECT_EQ(at(row, {"completed"}), Json(2));
    EXPECT_EQ(at(row, {"tokens_delivered"}), Json(4));
    EXPECT_EQ(at(row, {"running"}), Json(0));
    const Json other = at(row, {"runs", "1"});
    EXPECT_EQ(at(other, {"prompt_tokens"}), at(row, {"runs", "0", "prompt_tokens"}));
    EXPECT_EQ(at(other, {"completion_tokens"}), Json(2));
    EXPECT_EQ(at(other, {"tokens_delivered"}), Json(2));
    EXPECT_EQ(at(other, {"ended"}), Json("completed"));
  });
}

TEST(SimEngine, RecordsEveryRequestToItsLastByte) {
  std::string folder = ::testing::TempDir() + "engine-sim-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string file = folder + "/requests.jsonl";
  perform(
      [](Stage& stage) -> Task<void> {
        const auto broken = co_await post(stage, "/v1/completions", "{\xff}");
        EXPECT_EQ(broken.status, 400);
        const auto health = co_await get(stage, "/health");
        EXPECT_EQ(health.status, 200);
      },
      quick(), file);
  std::ifstream lines(file);
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(at(json_of(line), {"target"}), Json("/v1/completions"));
  EXPECT_EQ(at(json_of(line), {"body"}), Json("e/99"));
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(at(json_of(line), {"method"}), Json("GET"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace portolan::engines
