#include "dialect/engine_body.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "wire/json_value.h"

namespace portolan::dialect {
namespace {

using model::Endpoint;
using wire::Json;

ReadRequest read(std::string_view body) {
  std::string param;
  auto request = read_request(Endpoint::chat_completions, body, param);
  EXPECT_TRUE(request) << body << ": " << (request ? "" : request.error().message);
  return std::move(*request);
}

std::string rewritten(std::string_view body, EngineKind kind, std::string_view name) {
  return engine_body(body, read(body), kind, name).joined();
}

TEST(EngineBody, TheEngineNeverSeesPortolansMember) {
  EXPECT_EQ(rewritten(R"({"portolan":{"scope":"eu"},"model":"m","messages":[]})",
                      EngineKind::openai, "m"),
            R"({"model":"m","messages":[]})");
  EXPECT_EQ(
      rewritten(R"({"model":"m","messages":[] , "portolan" : null })", EngineKind::openai, "m"),
      R"({"model":"m","messages":[] })");
}

TEST(EngineBody, ABodyThatNeedsNoChangeStaysAsItIs) {
  const std::string body = R"( { "messages" : [ ] , "model":"m" , "n":1.0e0, "stream":false } )";
  const auto splice = engine_body(body, read(body), EngineKind::vllm, "m");
  EXPECT_FALSE(splice.changed());
  EXPECT_EQ(splice.joined(), body);
}

TEST(EngineBody, TheModelIsNamedAsTheEngineKnowsIt) {
  EXPECT_EQ(rewritten(R"({"model":"alias","messages":[]})", EngineKind::openai, R"(a"b)"),
            R"({"model":"a\"b","messages":[]})");
}

TEST(EngineBody, UsageIsAskedForInTheEnginesOwnWay) {
  const std::string body = R"({"model":"m","messages":[],"stream":true})";
  EXPECT_EQ(rewritten(body, EngineKind::openai, "m"),
            R"({"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_EQ(rewritten(body, EngineKind::llama_cpp, "m"),
            R"({"model":"m","messages":[],"stream":true,"timings_per_token":true,)"
            R"("stream_options":{"include_usage":true}})");
  EXPECT_EQ(rewritten(body, EngineKind::sglang, "m"),
            R"({"model":"m","messages":[],"stream":true,)"
            R"("stream_options":{"include_usage":true,"continuous_usage_stats":true}})");
}

TEST(EngineBody, TheClientsOtherStreamOptionsStay) {
  EXPECT_EQ(rewritten(R"({"stream":true,"stream_options":{"include_obfuscation":false,)"
                      R"("include_usage":false},"model":"m","messages":[]})",
                      EngineKind::vllm, "m"),
            R"({"stream":true,"stream_options":{"include_obfuscation":false,)"
            R"("include_usage":true,"continuous_usage_stats":true},"model":"m","messages":[]})");
  EXPECT_EQ(rewritten(R"({"stream":true,"stream_options":null,"model":"m","messages":[]})",
                      EngineKind::openai, "m"),
            R"({"stream":true,"stream_options":{"include_usage":true},"model":"m","messages":[]})");
}

// What engine_body says, done to a tree.
Json naive(Json body, EngineKind kind, const std::string& name) {
  body.erase("portolan");
  body.set("model", name);
  const Json* stream = body.find("stream");
  if (stream == nullptr || stream->as_bool() == nullptr || !*stream->as_bool()) return body;
  const UsageSwitches switches = usage_switches(kind);
  if (switches.timings_per_token) body.set("timings_per_token", true);
  const Json* own = body.find("stream_options");
  Json options = own != nullptr && own->as_object() != nullptr ? *own : Json::object();
  options.set("include_usage", true);
  if (switches.continuous_usage_stats) options.set("continuous_usage_stats", true);
  body.set("stream_options", options);
  return body;
}

// A body of members in any order, with spaces anywhere.
rc::Gen<std::string> bodies() {
  return rc::gen::exec([] {
    const auto pick = [](std::initializer_list<const char*> texts) {
      return std::string(*rc::gen::elementOf(std::vector<std::string>(texts.begin(), texts.end())));
    };
    std::vector<std::string> members = {
        R"("model")" + pick({":", " :\n"}) + pick({R"("m")", R"("\u006d")", R"("other")"}),
        R"("messages":)" + pick({"[]", R"([{"role":"user","content":"{\"model\":1}, \\"}])"})};
    const bool stream = *rc::gen::arbitrary<bool>();
    members.push_back(std::string(R"("stream": )") + (stream ? "true" : "false"));
    if (stream) {
      members.push_back(R"("stream_options":)" +
                        pick({"null", "{}", "{ }", R"({"x":1})", R"({"include_usage":false})",
                              R"({"y":[],"include_usage":true , "z":{}})",
                              R"({"continuous_usage_stats":null})"}));
    }
    for (const char* extra :
         {R"("portolan":{"only":["a"]})", R"("timings_per_token":false)", R"("portolan_":1)",
          R"("temperature":1e-3)", R"("ünï":"\ud83d\ude00")"}) {
      if (*rc::gen::arbitrary<bool>()) members.emplace_back(extra);
    }
    std::string body = pick({"{", " {\t"});
    while (!members.empty()) {
      const auto at = *rc::gen::inRange<std::size_t>(0, members.size());
      body += members[at];
      members.erase(members.begin() + static_cast<std::ptrdiff_t>(at));
      if (!members.empty()) body += pick({",", " , ", "\n,"});
    }
    return body + pick({"}", " }\r\n"});
  });
}

TEST(EngineBody, IsWhatEditingTheTreeWouldGive) {
  rc::check([] {
    const auto body = *bodies();
    const auto kind = *rc::gen::element(EngineKind::llama_cpp, EngineKind::vllm, EngineKind::sglang,
                                        EngineKind::openai);
    const auto name = *rc::gen::element<std::string>("m", "served/\"x\"");
    const auto result = wire::parse_json(rewritten(body, kind, name));
    RC_ASSERT(result.has_value());
    RC_ASSERT(*result == naive(*wire::parse_json(body), kind, name));
  });
}

TEST(EngineBody, MembersThatAreNotOursKeepTheirBytes) {
  rc::check([] {
    const auto body = *bodies();
    const auto result = rewritten(body, EngineKind::llama_cpp, "served");
    wire::ScannedObject before;
    wire::ScannedObject after;
    RC_ASSERT(wire::scan_object(body, before).has_value());
    RC_ASSERT(wire::scan_object(result, after).has_value());
    for (const auto& member : before.members) {
      if (member.key == "portolan" || member.key == "model" || member.key == "stream_options" ||
          member.key == "timings_per_token") {
        continue;
      }
      const auto* same = after.find(member.key);
      RC_ASSERT(same != nullptr);
      RC_ASSERT(same->whole.of(result) == member.whole.of(body));
    }
  });
}

TEST(EngineBody, AnEngineServesUnderItsOwnNameOrTheModels) {
  model::Engine engine;
  model::Model model;
  model.name = "m";
  EXPECT_EQ(served_name(engine, model), "m");
  engine.served_as = "org/m";
  EXPECT_EQ(served_name(engine, model), "org/m");
}

}  // namespace
}  // namespace portolan::dialect
