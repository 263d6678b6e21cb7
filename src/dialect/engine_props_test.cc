#include "dialect/engine_props.h"

#include <gtest/gtest.h>

namespace portolan::dialect {
namespace {

// As llama.cpp's server answers, shortened.
constexpr std::string_view llama_models =
    R"({"models":[{"name":"small","capabilities":["completion"]}],"object":"list","data":[)"
    R"({"id":"/models/small.gguf","aliases":["small"],"object":"model","owned_by":"llamacpp",)"
    R"("meta":{"vocab_type":2,"n_vocab":49152,"n_ctx":1024,"n_ctx_train":8192,"n_embd":576,)"
    R"("n_params":134515008,"size":96576768,"ftype":"Q4_1"}}]})";
constexpr std::string_view llama_props =
    R"({"default_generation_settings":{"params":{"seed":4294967295},"n_ctx":1024},)"
    R"("total_slots":2,"model_alias":"small","model_path":"/models/small.gguf",)"
    R"("chat_template":"{% for m in messages %}{{ m }}{% endfor %}"})";

// Whatever an engine may answer in place of what was asked for.
constexpr std::string_view broken_bodies[] = {"",
                                              "[]",
                                              "{",
                                              "null",
                                              "<html>",
                                              "{\"data\":7}",
                                              "{\"tokens\":[-1]}",
                                              "{\"tokens\":[\"x\"]}",
                                              "{\"prompt\":null}",
                                              "{\"data\":[}"};

TEST(EngineProps, BrokenBodiesAreFaultsOfTheEngine) {
  for (const std::string_view body : broken_bodies) {
    EXPECT_EQ(read_model_list(body, "small").error().code, Code::malformed_peer) << body;
    EXPECT_EQ(read_applied_template(body).error().code, Code::malformed_peer) << body;
    EXPECT_EQ(read_token_list(body).error().code, Code::malformed_peer) << body;
  }
  for (const std::string_view body : {"", "[]", "{", "null", "<html>"}) {
    EXPECT_EQ(read_props(body).error().code, Code::malformed_peer) << body;
  }
}

TEST(EngineProps, WhatIsOfAnotherTypeIsNotSaid) {
  const auto props = read_props(R"({"default_generation_settings":{"n_ctx":-5},)"
                                R"("total_slots":"two","chat_template":null})");
  ASSERT_TRUE(props);
  EXPECT_EQ(*props, EngineProps{});
  const auto listed = read_model_list(
      R"({"data":[{"id":"small","meta":{"n_ctx":1.5,"n_params":null,"size":[]}}]})", "small");
  ASSERT_TRUE(listed);
  EXPECT_EQ(*listed, ListedModel{.listed = true});
  EXPECT_EQ(*read_model_list(R"({"data":[{"meta":7},{"id":7,"aliases":7}]})", "small"),
            ListedModel{});
}

TEST(EngineProps, AnEngineWithoutTheNameSaysSo) {
  const auto listed = read_model_list(llama_models, "large");
  ASSERT_TRUE(listed);
  EXPECT_FALSE(listed->listed);
  EXPECT_EQ(listed->parameters, 134'515'008u) << "of the one model that it has";
  const auto of_two = read_model_list(
      R"({"data":[{"id":"a","max_model_len":10},{"id":"b","max_model_len":20}]})", "c");
  ASSERT_TRUE(of_two);
  EXPECT_EQ(*of_two, ListedModel{}) << "none of the two is meant";
}

TEST(EngineProps, LlamaTellsOfItsModelUnderAnAlias) {
  const auto listed = read_model_list(llama_models, "small");
  ASSERT_TRUE(listed);
  EXPECT_EQ(*listed, (ListedModel{.listed = true,
                                  .context = Tokens{1024},
                                  .trained_context = Tokens{8192},
                                  .parameters = 134'515'008,
                                  .vocabulary = 49'152,
                                  .bytes = Bytes{96'576'768}}));
  EXPECT_TRUE(read_model_list(llama_models, "/models/small.gguf")->listed);
}

TEST(EngineProps, VllmTellsOfItsContext) {
  const auto listed = read_model_list(
      R"({"object":"list","data":[{"id":"a","object":"model","max_model_len":32768},)"
      R"({"id":"b","object":"model","max_model_len":16}]})",
      "a");
  ASSERT_TRUE(listed);
  EXPECT_EQ(*listed, (ListedModel{.listed = true, .context = Tokens{32'768}}));
}

TEST(EngineProps, LlamaTellsOfItsSlotsAndTemplate) {
  const auto props = read_props(llama_props);
  ASSERT_TRUE(props);
  EXPECT_EQ(*props, (EngineProps{Tokens{1024}, 2, "{% for m in messages %}{{ m }}{% endfor %}"}));
}

TEST(EngineProps, OnlyLlamaHasPlacesBesideTheList) {
  EXPECT_EQ(props_paths(EngineKind::llama_cpp).props, "/props");
  for (const auto kind : {EngineKind::vllm, EngineKind::sglang, EngineKind::openai}) {
    EXPECT_EQ(props_paths(kind).models, "/v1/models");
    EXPECT_TRUE(props_paths(kind).props.empty());
    EXPECT_TRUE(props_paths(kind).tokenize.empty());
  }
}

TEST(EngineProps, APromptIsCutWithItsSpecialTokensAndATextWithout) {
  EXPECT_EQ(render_tokenize("a\"b", SpecialTokens::none),
            R"({"content":"a\"b","add_special":false,"parse_special":false})");
  EXPECT_EQ(render_tokenize("", SpecialTokens::of_a_prompt),
            R"({"content":"","add_special":true,"parse_special":true})");
  EXPECT_EQ(*read_token_list(R"({"tokens":[1,4093,198]})"),
            (std::vector<std::uint64_t>{1, 4093, 198}));
  EXPECT_EQ(*read_applied_template(R"({"prompt":"<|im_start|>user\nHi"})"), "<|im_start|>user\nHi");
}

}  // namespace
}  // namespace portolan::dialect
