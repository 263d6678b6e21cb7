#include "engines/sim_traits.h"

#include <gtest/gtest.h>

#include "engines/sim_engine_test_support.h"

namespace portolan::engines {
namespace {

using namespace testing;

TEST(SimTraits, RefuseWhatTheyDoNotKnow) {
  EXPECT_FALSE(parse_sim_traits("{"));
  EXPECT_FALSE(parse_sim_traits("[]"));
  EXPECT_FALSE(parse_sim_traits(R"({"other_colour":true})"));
  EXPECT_FALSE(parse_sim_traits(R"({"miscounts":1})"));
  EXPECT_FALSE(parse_sim_traits(R"({"slots":0})"));
  EXPECT_FALSE(parse_sim_traits(R"({"context":-4})"));
}

TEST(SimTraits, ReadBackAsTheyWere) {
  const auto traits = parse_sim_traits(R"({"miscounts":true,"context":512})");
  ASSERT_TRUE(traits);
  EXPECT_TRUE(traits->miscounts);
  EXPECT_EQ(*parse_sim_traits(render_sim_traits(*traits)), *traits);
  EXPECT_EQ(*parse_sim_traits("{}"), SimTraits());
}

TEST(SimTraits, StandUntilTheyAreOrderedAnew) {
  perform([](Stage& stage) -> Task<void> {
    const auto refused = co_await post(stage, "/sim/traits", R"({"miscount":true})");
    EXPECT_EQ(refused.status, 400);
    const auto usual = co_await chat(stage, R"(,"max_tokens":3)");
    const auto ordered =
        co_await post(stage, "/sim/traits", R"({"other_weights":true,"miscounts":true,"slots":1})");
    EXPECT_EQ(ordered.status, 200) << ordered.body;
    for (int i = 0; i < 2; ++i) {
      const auto odd = co_await chat(stage, R"(,"max_tokens":3)");
      EXPECT_EQ(at(json_of(odd.body), {"usage", "completion_tokens"}), Json(6));
      EXPECT_NE(at(json_of(odd.body), {"choices", "0", "message", "content"}),
                at(json_of(usual.body), {"choices", "0", "message", "content"}));
    }
    EXPECT_EQ(stage.state.slots.slots_max(), 1u);
    const auto back = co_await post(stage, "/sim/traits", "{}");
    EXPECT_EQ(back.status, 200);
    const auto again = co_await chat(stage, R"(,"max_tokens":3)");
    EXPECT_EQ(at(json_of(again.body), {"choices", "0", "message", "content"}),
              at(json_of(usual.body), {"choices", "0", "message", "content"}));
    EXPECT_EQ(stage.state.slots.slots_max(), stage.state.options.slots);
  });
}

TEST(SimTraits, AStreamWithoutUsageHasNoCountInAnyForm) {
  perform([](Stage& stage) -> Task<void> {
    co_await post(stage, "/sim/traits", R"({"no_stream_usage":true})");
    const auto stream = co_await chat(
        stage, R"(,"max_tokens":3,"stream":true,"timings_per_token":true,)"
               R"("stream_options":{"include_usage":true,"continuous_usage_stats":true})");
    EXPECT_EQ(stream.status, 200);
    EXPECT_EQ(stream.body.find("_tokens"), std::string::npos) << stream.body;
    EXPECT_EQ(stream.body.find("predicted_n"), std::string::npos) << stream.body;
    EXPECT_NE(stream.body.find("[DONE]"), std::string::npos);
  });
}

// The template's prompt, cut by the tokenizer, has the tokens that usage counts.
Task<Json> counted_apart(Stage& stage) {
  const auto prompt = co_await post(stage, "/apply-template",
                                    R"({"messages":[{"role":"user","content":"Say hello"}]})");
  const Json text = at(json_of(prompt.body), {"prompt"});
  auto body = Json::object();
  body.set("content", text);
  const std::string question = wire::render_canonical(body);
  const auto tokens = co_await post(stage, "/tokenize", question.c_str());
  const Json list = at(json_of(tokens.body), {"tokens"});
  co_return Json(list.as_array() == nullptr ? 0 : list.as_array()->size());
}

TEST(SimTraits, TemplateAndTokenizerMakeWhatUsageCounts) {
  perform([](Stage& stage) -> Task<void> {
    std::vector<Json> counts;
    for (const char* traits : {"{}", R"({"other_template":true})", R"({"other_tokenizer":true})"}) {
      co_await post(stage, "/sim/traits", traits);
      const auto answer = co_await chat(stage, R"(,"max_tokens":1)");
      const Json apart = co_await counted_apart(stage);
      EXPECT_EQ(at(json_of(answer.body), {"usage", "prompt_tokens"}), apart) << traits;
      counts.push_back(apart);
    }
    EXPECT_NE(counts[0], counts[1]);
    EXPECT_NE(counts[0], counts[2]);
  });
}

TEST(SimTraits, ItSaysOfItselfWhatItIs) {
  perform([](Stage& stage) -> Task<void> {
    const auto usual = co_await get(stage, "/props");
    EXPECT_EQ(at(json_of(usual.body), {"total_slots"}), Json(stage.state.options.slots));
    co_await post(stage, "/sim/traits",
                  R"({"context":512,"unknown_name":true,"other_template":true})");
    const auto odd = co_await get(stage, "/props");
    EXPECT_EQ(at(json_of(odd.body), {"default_generation_settings", "n_ctx"}), Json(512));
    EXPECT_NE(at(json_of(odd.body), {"chat_template"}), at(json_of(usual.body), {"chat_template"}));
    const auto models = co_await get(stage, "/v1/models");
    EXPECT_NE(at(json_of(models.body), {"data", "0", "id"}), Json(stage.state.options.model));
    const auto broken = co_await post(stage, "/tokenize", R"({"content":7})");
    EXPECT_EQ(broken.status, 400);
  });
}

}  // namespace
}  // namespace portolan::engines
