// What can be wrong with the engines of a place that opens: one gate finds all of it.

#include "control/opening_flaw_test_support.h"

namespace portolan::control {
namespace {

using namespace testing;

constexpr std::string_view small_url = "http://small-1.mexico-a";
constexpr std::string_view large_url = "http://large-1.mexico-b";

world::EngineInspection& small(OpeningFacts& facts) { return engine_at(facts, small_url); }
world::EngineInspection& large(OpeningFacts& facts) { return engine_at(facts, large_url); }
world::PromptProbe& answer_of_small(OpeningFacts& facts) { return small(facts).probes.front(); }

world::FeatureTried& feature(world::EngineInspection& engine, std::string_view name) {
  return element(engine.features, name, &world::FeatureTried::name);
}

constexpr auto other_than_elsewhere = std::to_array<Flaw>({
    {"wrong weights", small_url, "Its weights is '7615616512 parameters",
     [](auto& facts) { small(facts).weights.parameters = 7'615'616'512; }},
    {"weights cut to fewer bits", small_url, "bytes', where most zones that have model small say",
     [](auto& facts) { small(facts).weights.bytes = Bytes{200'000'000}; }},
    {"another template", small_url, "Its template is 'cccc'",
     [](auto& facts) { small(facts).template_sha256 = "cccc"; }},
    {"another tokenizer, and so other counts", small_url,
     "Its tokenizer is 'cccc', where most zones that have model small say 'bbbbsmall' (with 1 more",
     [](auto& facts) {
       small(facts).tokenizer_sha256 = "cccc";
       auto& answer = answer_of_small(facts);
       answer.prompt_tokens = answer.streamed_prompt_tokens = answer.tokens_by_template =
           Tokens{40};
     }},
    {"other counts of a kind that says no tokenizer", large_url,
     "Its prompt tokens of tide is '36', where most zones that have model large say '35'",
     [](auto& facts) {
       auto& answer = large(facts).probes.front();
       answer.prompt_tokens = answer.streamed_prompt_tokens = Tokens{36};
     }},
    {"another answer with the same seed", small_url, "Its output of tide is 'eeee'",
     [](auto& facts) { answer_of_small(facts).text_sha256 = "eeee"; }},
    {"wrong weights in all zones of the place, which one zone elsewhere has right", small_url,
     "where another zone that has model small says otherwise",
     [](auto& facts) {
       for (const auto* gateway : {"gw-chile-a-1", "gw-texas-b-1"}) {
         std::erase_if(said_by(facts, gateway).engines,
                       [](const auto& engine) { return engine.model == "small"; });
       }
       for (const auto* host :
            {"small-1.mexico-a", "small-2.mexico-a", "small-1.mexico-b", "small-2.mexico-b"}) {
         engine_at(facts, std::string("http://") + host).weights.parameters = 7;
       }
     }},
});

constexpr auto against_itself = std::to_array<Flaw>({
    {"prompts that it counts wrongly in its usage", small_url,
     "usage counts 38 prompt tokens where its own template and tokenizer make 31",
     [](auto& facts) {
       answer_of_small(facts).prompt_tokens = Tokens{38};
       answer_of_small(facts).streamed_prompt_tokens = Tokens{38};
     }},
    {"answers that it counts wrongly in its usage", small_url,
     "usage counts 64 tokens of an answer where its own tokenizer finds 15",
     [](auto& facts) {
       answer_of_small(facts).completion_tokens = Tokens{64};
       answer_of_small(facts).streamed_completion_tokens = Tokens{64};
     }},
    {"streams that it counts otherwise", large_url, "a stream counts 9 tokens of the same answer",
     [](auto& facts) { large(facts).probes.front().streamed_completion_tokens = Tokens{9}; }},
    {"streams that say something else", large_url, "a stream says something else",
     [](auto& facts) { large(facts).probes.front().streamed_the_same = false; }},
    {"an answer without usage", large_url, "has no usage",
     [](auto& facts) { large(facts).probes.front().completion_tokens.reset(); }},
    {"a prompt that it does not answer", small_url, "Its answer to tide failed: it broke off",
     [](auto& facts) { answer_of_small(facts).why = "it broke off."; }},
    {"no prompt was asked", small_url, "asked no prompt",
     [](auto& facts) { small(facts).probes.clear(); }},
});

constexpr auto other_than_written = std::to_array<Flaw>({
    {"a small context", small_url, "context of 2048 tokens a request, where model small has 4096",
     [](auto& facts) { small(facts).context = Tokens{2048}; }},
    {"few slots", small_url, "computes 1 requests at once",
     [](auto& facts) { small(facts).slots = 1; }},
    {"another served name", large_url, "does not have 'large'",
     [](auto& facts) { large(facts).served_as_known = false; }},
    {"an engine that is dead", large_url, "down by the gateway's probes: connection refused",
     [](auto& facts) {
       large(facts) = {.deployment = "large.mexico-b",
                       .model = "large",
                       .kind = "vllm",
                       .url = std::string(large_url),
                       .healthy = false,
                       .why = "connection refused"};
     }},
    {"an engine that answers half of the questions", small_url,
     "not at all of it: /props answers 500",
     [](auto& facts) { small(facts).why = "/props answers 500."; }},
    {"an engine that no gateway of its zone knows", small_url,
     "No gateway of its zone has looked at it",
     [](auto& facts) {
       std::erase_if(said_by(facts, "gw-mexico-a-1").engines,
                     [](const auto& engine) { return engine.url == small_url; });
     }},
    {"a template that llama.cpp could show and does not", small_url, "does not say its template",
     [](auto& facts) { small(facts).template_sha256.clear(); }},
    {"slots that llama.cpp could tell and does not", small_url, "does not say its slots",
     [](auto& facts) { small(facts).slots.reset(); }},
});

constexpr auto not_working = std::to_array<Flaw>({
    {"no chat", large_url, "'chat' does not work: 404",
     [](auto& facts) { feature(large(facts), "chat") = {"chat", false, "404 not found"}; }},
    {"no completions, which the model has", small_url, "'completions' does not work",
     [](auto& facts) { feature(small(facts), "completions").works = false; }},
    {"no streams", large_url, "'stream' does not work",
     [](auto& facts) {
       feature(large(facts), "stream") = {"stream", false, "it answers JSON"};
       std::erase_if(large(facts).features,
                     [](const auto& tried) { return tried.name == "stream_usage"; });
     }},
    {"streams without usage", large_url, "'stream_usage' does not work: the stream has no usage",
     [](auto& facts) {
       feature(large(facts), "stream_usage") = {"stream_usage", false, "the stream has no usage"};
     }},
    {"a feature that was not tried", small_url, "Whether feature 'stream' works was not tried",
     [](auto& facts) {
       std::erase_if(small(facts).features,
                     [](const auto& tried) { return tried.name == "stream"; });
     }},
});

TEST(OpeningFlaws, EnginesAloneFindsWhoDiffersFromZonesElsewhere) {
  expect_caught(model::Gate::engines, other_than_elsewhere);
}

TEST(OpeningFlaws, EnginesAloneFindsWhoContradictsItself) {
  expect_caught(model::Gate::engines, against_itself);
}

TEST(OpeningFlaws, EnginesAloneFindsWhoIsNotAsTheDeploymentSays) {
  expect_caught(model::Gate::engines, other_than_written);
}

TEST(OpeningFlaws, EnginesAloneFindsWhatDoesNotWork) {
  expect_caught(model::Gate::engines, not_working);
}

TEST(OpeningEngines, WhatAKindCanNotSayIsToldAsNotKnown) {
  const auto verdict = judge(model::Gate::engines, sound_facts());
  ASSERT_EQ(verdict.evidence.size(), 1u);
  EXPECT_TRUE(verdict.evidence.front().contains("6 engines of 4 deployments"))
      << verdict.evidence[0];
  EXPECT_TRUE(verdict.evidence.front().contains("2 do not say their template"));
  EXPECT_TRUE(verdict.evidence.front().contains("2 do not say their slots"));
}

TEST(OpeningEngines, WhatAModelDoesNotHaveNeedsNotWork) {
  auto facts = sound_facts();
  feature(large(facts), "completions") = {"completions", false, "404"};
  EXPECT_EQ(shown(judge(model::Gate::engines, facts)), "");
}

TEST(OpeningEngines, OfTwoZonesNoneIsRightAboutAnOutput) {
  auto facts = sound_facts();
  for (const auto* gateway : {"gw-chile-a-1", "gw-texas-b-1", "gw-mexico-b-1"}) {
    std::erase_if(said_by(facts, gateway).engines,
                  [](const auto& engine) { return engine.model == "small"; });
  }
  for (const auto* url : {"http://small-1.mexico-a", "http://small-2.mexico-a"}) {
    engine_at(facts, url).probes.front().text_sha256 = "eeee";
  }
  EXPECT_FALSE(names(judge(model::Gate::engines, facts), "mexico-a", ""));
  answer_of_small(facts).prompt_tokens = Tokens{30};
  EXPECT_TRUE(names(judge(model::Gate::engines, facts), small_url, "prompt tokens"))
      << "but about a count it is";
}

TEST(OpeningEngines, ZonesOfThePlaceThatAgreeWithTheOneElsewhereTellTheOddOutput) {
  auto facts = sound_facts();
  for (const auto* gateway : {"gw-chile-a-1", "gw-texas-b-1"}) {
    said_by(facts, gateway).engines.clear();
  }
  for (const auto* url : {"http://small-1.mexico-a", "http://small-2.mexico-a"}) {
    engine_at(facts, url).probes.front().text_sha256 = "eeee";
  }
  const auto verdict = judge(model::Gate::engines, facts);
  EXPECT_EQ(verdict.findings.size(), 2u);
  EXPECT_TRUE(names(verdict, small_url, "Its output of tide is 'eeee', where most"))
      << shown(verdict);
}

TEST(OpeningEngines, WhereNobodyElseHasAModelItsOwnZonesAreCompared) {
  auto facts = sound_facts();
  for (auto& look : facts.looks) {
    if (!look.of_place) look.found->said.engines.clear();
  }
  EXPECT_EQ(shown(judge(model::Gate::engines, facts)), "");
  small(facts).template_sha256 = "cccc";
  const auto verdict = judge(model::Gate::engines, facts);
  EXPECT_TRUE(names(verdict, small_url, "Its template is 'cccc'")) << shown(verdict);
}

}  // namespace
}  // namespace portolan::control
