#include "world/inspection.h"

#include <gtest/gtest.h>

namespace portolan::world {
namespace {

GoldenPrompt prompt() {
  return {.name = "capital",
          .messages = {{"system", "Answer in one word."}, {"user", "The capital of Peru?"}},
          .max_tokens = Tokens{8},
          .seed = 7};
}

InspectionRequest full_request() {
  return {.peers = {"gw-2", "gw-3"},
          .models = {"small"},
          .prompts = {prompt()},
          .within = Duration::seconds(20)};
}

EngineInspection engine() {
  return {.deployment = "small.a",
          .model = "small",
          .kind = "llama.cpp",
          .url = "http://127.0.0.1:9101",
          .healthy = true,
          .why = "It does not say its slots.",
          .served_as_known = false,
          .context = Tokens{4096},
          .slots = 4,
          .template_sha256 = "aa",
          .tokenizer_sha256 = "bb",
          .weights = {134'515'008, 49'152, Bytes{98'000'000}, Tokens{8192}},
          .features = {{"chat", true, ""}, {"stream_usage", false, "No usage came."}},
          .probes = {{.prompt = "capital",
                      .tokens_by_template = Tokens{21},
                      .prompt_tokens = Tokens{21},
                      .streamed_prompt_tokens = Tokens{0},
                      .completion_tokens = Tokens{2},
                      .streamed_completion_tokens = Tokens{3},
                      .completion_tokens_counted = Tokens{1},
                      .finish_reason = "stop",
                      .text = "Lima \xC3\xA9",
                      .text_sha256 = "cc",
                      .streamed_the_same = false,
                      .why = "The stream ends otherwise."}}};
}

Inspection full_inspection() {
  return {
      .gateway = "gw-1",
      .zone = "eu-central-1a",
      .asked = WallTime{1'763'800'000'123'456'789},
      .answered = WallTime{1'763'800'002'000'000'000},
      .world = Seen{{"net", 1, 7}, "dd"},
      .certificate = CertificateSaid{"spiffe://net/zone/eu-central-1a/gateway/gw-1",
                                     "eu-central-1a", WallTime::from_unix_seconds(1'800'000'000)},
      .peers = {{"gw-2", true, Duration::microseconds(812), ""},
                {"gw-3", false, std::nullopt, "connection refused"}},
      .engines = {engine()}};
}

Code fault_of(const InspectionRequest& request) {
  const auto read = decode_inspection_request(encode_inspection_request(request));
  return read ? Code::cancelled : read.error().code;
}

TEST(Inspection, RefusesAnotherKindMajorAndType) {
  for (const auto* text : {"", "[]", "{}", R"({"kind":"poll","major":1,"minor":0})",
                           R"({"kind":"inspection","major":1,"minor":0,"gateway":7,"zone":"z"})",
                           R"({"kind":"inspection","major":1,"minor":0,"gateway":"g","zone":"z",)"
                           R"("peers":[{"gateway":"h","round_trip_us":-1}]})"}) {
    EXPECT_EQ(decode_inspection(text).error().code, Code::malformed_peer) << text;
    EXPECT_EQ(decode_inspection_request(text).error().code, Code::malformed_peer) << text;
  }
  EXPECT_EQ(decode_inspection(R"({"kind":"inspection","major":2,"minor":0})").error().code,
            Code::unsupported_version);
}

TEST(Inspection, RefusesWhatIsCutShort) {
  const auto whole = encode_inspection(full_inspection());
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    EXPECT_FALSE(decode_inspection(std::string_view(whole).substr(0, size))) << size;
  }
}

TEST(Inspection, HasABoundForWhateverIsAskedOfAGateway) {
  auto request = full_request();
  request.peers.resize(inspect_peers_max.count() + 1, "gw");
  EXPECT_EQ(fault_of(request), Code::limit_exceeded);
  request = full_request();
  request.models.resize(inspect_models_max.count() + 1, "m");
  EXPECT_EQ(fault_of(request), Code::limit_exceeded);
  request = full_request();
  request.prompts.resize(inspect_prompts_max.count() + 1, prompt());
  EXPECT_EQ(fault_of(request), Code::limit_exceeded);
  request = full_request();
  request.prompts.front().messages.back().content.resize(inspect_prompt_bytes_max.count());
  EXPECT_EQ(fault_of(request), Code::limit_exceeded);
  request = full_request();
  request.prompts.front().max_tokens = Tokens{inspect_tokens_max.value + 1};
  EXPECT_EQ(fault_of(request), Code::limit_exceeded);
  request = full_request();
  request.within = inspect_time_ms_max.milliseconds() + Duration::milliseconds(1);
  EXPECT_EQ(fault_of(request), Code::limit_exceeded);
  EXPECT_EQ(decode_inspection_request(std::string(inspect_request_bytes_max.count() + 1, ' '))
                .error()
                .code,
            Code::limit_exceeded);
  EXPECT_EQ(decode_inspection(std::string(inspect_answer_bytes_max.count() + 1, ' ')).error().code,
            Code::limit_exceeded);
}

TEST(Inspection, RefusesAPromptThatAsksForNothing) {
  auto request = full_request();
  request.prompts.front().max_tokens = Tokens{0};
  EXPECT_EQ(fault_of(request), Code::malformed_peer);
  request = full_request();
  request.prompts.front().messages.clear();
  EXPECT_EQ(fault_of(request), Code::malformed_peer);
}

TEST(Inspection, ReadsBackAsItWas) {
  EXPECT_EQ(*decode_inspection_request(encode_inspection_request(full_request())), full_request());
  EXPECT_EQ(*decode_inspection_request(encode_inspection_request({})), InspectionRequest{});
  EXPECT_EQ(*decode_inspection(encode_inspection(full_inspection())), full_inspection());
}

TEST(Inspection, WhatNobodyKnowsReadsBackAsUnknown) {
  Inspection inspection{.gateway = "gw-1", .zone = "z"};
  inspection.engines = {{.deployment = "d", .model = "m", .kind = "openai", .url = "http://e"}};
  inspection.engines.front().probes = {{.prompt = "capital"}};
  EXPECT_EQ(*decode_inspection(encode_inspection(inspection)), inspection);
  EXPECT_EQ(encode_inspection(inspection).find("served_as_known"), std::string::npos);
}

}  // namespace
}  // namespace portolan::world
