#include "dialect/openai_request.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace portolan::dialect {
namespace {

using model::Endpoint;

struct Refusal {
  Code code;
  std::string param;
  friend bool operator==(const Refusal&, const Refusal&) = default;
};

std::optional<Refusal> refusal(std::string_view body,
                               Endpoint endpoint = Endpoint::chat_completions) {
  std::string param;
  const auto request = read_request(endpoint, body, param);
  if (request) return std::nullopt;
  return Refusal{request.error().code, param};
}

// A body that would be read, with `more` in it.
std::string with(std::string_view more) {
  return R"({"model":"m","messages":[],)" + std::string(more) + "}";
}

Refusal invalid(std::string param) { return {Code::invalid_parameter, std::move(param)}; }

TEST(OpenAiRequest, WhatIsNotOneJsonObjectIsRefused) {
  for (const char* body : {"", "null", "[]", "{", R"({"model":"m","messages":[]} x)",
                           R"({"model":"m","messages":[1,,2]})", "{\"model\":\"\xff\"}"}) {
    EXPECT_EQ(refusal(body), (Refusal{Code::malformed_json, ""})) << body;
  }
}

TEST(OpenAiRequest, TwoReadersCannotSeeTwoModels) {
  EXPECT_EQ(refusal(R"({"model":"a","model":"b","messages":[]})")->code, Code::repeated_key);
  EXPECT_EQ(refusal(R"({"mod\u0065l":"a","messages":[]})")->code, Code::escaped_key);
}

TEST(OpenAiRequest, WithoutAModelItIsRefused) {
  for (const char* body :
       {R"({"messages":[]})", R"({"model":null,"messages":[]})", R"({"model":"","messages":[]})",
        R"({"model":7,"messages":[]})", R"({"model":["m"],"messages":[]})"}) {
    EXPECT_EQ(refusal(body), invalid("model")) << body;
  }
  const std::string name(model_name_bytes_max.count() + 1, 'm');
  EXPECT_EQ(refusal(R"({"messages":[],"model":")" + name + R"("})"), invalid("model"));
}

TEST(OpenAiRequest, EachEndpointNeedsItsInput) {
  EXPECT_EQ(refusal(R"({"model":"m","prompt":"hi"})"), invalid("messages"));
  EXPECT_EQ(refusal(R"({"model":"m","messages":"hi"})"), invalid("messages"));
  EXPECT_EQ(refusal(R"({"model":"m","messages":[]})", Endpoint::completions), invalid("prompt"));
  EXPECT_EQ(refusal(R"({"model":"m","prompt":{}})", Endpoint::completions), invalid("prompt"));
}

TEST(OpenAiRequest, WrongTypesNameTheMember) {
  EXPECT_EQ(refusal(with(R"("stream":"true")")), invalid("stream"));
  EXPECT_EQ(refusal(with(R"("stream":1)")), invalid("stream"));
  EXPECT_EQ(refusal(with(R"("stream":true,"stream_options":[])")), invalid("stream_options"));
  EXPECT_EQ(refusal(with(R"("stream":true,"stream_options":{"include_usage":1})")),
            invalid("stream_options.include_usage"));
  EXPECT_EQ(refusal(with(R"("stream":true,"stream_options":{"a":1,"a":2})")),
            (Refusal{Code::repeated_key, "stream_options"}));
}

TEST(OpenAiRequest, StreamOptionsNeedAStream) {
  EXPECT_EQ(refusal(with(R"("stream_options":{"include_usage":true})")), invalid("stream_options"));
  EXPECT_EQ(refusal(with(R"("stream_options":null)")), std::nullopt);
}

TEST(OpenAiRequest, ANarrowingThatIsNotUnderstoodIsNotIgnored) {
  EXPECT_EQ(refusal(with(R"("portolan":"eu")")), invalid("portolan"));
  EXPECT_EQ(refusal(with(R"("portolan":{"scopes":"eu"})")), invalid("portolan"));
  EXPECT_EQ(refusal(with(R"("portolan":{"scope":"eu","scope":"cn"})")), invalid("portolan"));
  for (const char* later : {"order", "sort", "max_price"}) {
    EXPECT_EQ(refusal(with(R"("portolan":{")" + std::string(later) + R"(":["a"]})")),
              invalid("portolan." + std::string(later)));
  }
}

TEST(OpenAiRequest, AnEmptyNarrowingIsNoWidening) {
  EXPECT_EQ(refusal(with(R"("portolan":{"scope":""})")), invalid("portolan.scope"));
  EXPECT_EQ(refusal(with(R"("portolan":{"scope":["eu"]})")), invalid("portolan.scope"));
  for (const char* places : {"[]", R"("")", R"(["eu",""])", "7", R"(["eu",7])", "{}"}) {
    EXPECT_EQ(refusal(with(R"("portolan":{"only":)" + std::string(places) + "}")),
              invalid("portolan.only"))
        << places;
  }
}

TEST(OpenAiRequest, WhatTravelsInAnEnvelopeIsBounded) {
  const std::string long_name(narrowing_bytes_max.count(), 'a');
  EXPECT_EQ(refusal(with(R"("portolan":{"only":")" + long_name + R"("})")), invalid("portolan"));
}

TEST(OpenAiRequest, TooManyMembersAreTheClientsFault) {
  std::string more = R"("x":1)";
  for (std::size_t i = 0; i < wire::members_max.count(); ++i) {
    more += ",\"x" + std::to_string(i) + "\":1";
  }
  EXPECT_EQ(refusal(with(more)), invalid(""));
}

TEST(OpenAiRequest, WhatDecisionsNeedIsRead) {
  std::string param;
  const std::string body = R"({"model":"m","messages":[{"role":"user","content":"\u00e9"}],
      "stream":true,"stream_options":{"include_usage":true,"continuous_usage_stats":true},
      "timings_per_token":true,"temperature":0,
      "portolan":{"scope":"eu","only":"country:DE","ignore":["eu-central-1a","b"]}})";
  const auto request = read_request(Endpoint::chat_completions, body, param);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(
      request->facts,
      (model::RequestFacts{
          .endpoint = Endpoint::chat_completions,
          .model = "m",
          .narrowing = {.scope = "eu", .only = {"country:DE"}, .ignore = {"eu-central-1a", "b"}},
          .stream = true,
          .wants_usage = true}));
  EXPECT_TRUE(request->wants_running_usage);
  EXPECT_TRUE(request->wants_timings);
  EXPECT_EQ(param, "");
}

TEST(OpenAiRequest, EscapesInTheModelsNameAreDecoded) {
  std::string param;
  const auto request = read_request(Endpoint::completions,
                                    R"({"prompt":"x","model":"a\/\u0062\"\ud83d\ude00"})", param);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->facts.model, "a/b\"\xf0\x9f\x98\x80");
}

TEST(OpenAiRequest, NullIsTheSameAsLeftOut) {
  std::string param;
  const std::string body = with(R"("stream":null,"stream_options":null,"portolan":null)");
  const auto request = read_request(Endpoint::chat_completions, body, param);
  ASSERT_TRUE(request);
  EXPECT_FALSE(request->facts.stream);
  EXPECT_EQ(request->facts.narrowing, model::Narrowing{});
}

TEST(OpenAiRequest, AnyBytesEndInARequestOrAFault) {
  rc::check([](const std::string& bytes, bool chat) {
    std::string param;
    const auto request =
        read_request(chat ? Endpoint::chat_completions : Endpoint::completions, bytes, param);
    RC_ASSERT((request.has_value() || !request.error().message.empty()));
  });
}

TEST(OpenAiRequest, ABodyCutOrChangedAnywhereEndsInARequestOrAFault) {
  const std::string body = with(R"("stream":true,"stream_options":{"include_usage":true},)"
                                R"("portolan":{"only":["eu"]},"x":"\ud83d\ude00")");
  rc::check([&] {
    std::string changed = body.substr(0, *rc::gen::inRange<std::size_t>(1, body.size() + 1));
    changed[*rc::gen::inRange<std::size_t>(0, changed.size())] = *rc::gen::arbitrary<char>();
    std::string param;
    const auto request = read_request(Endpoint::chat_completions, changed, param);
    RC_ASSERT((request.has_value() || !request.error().message.empty()));
  });
}

}  // namespace
}  // namespace portolan::dialect
