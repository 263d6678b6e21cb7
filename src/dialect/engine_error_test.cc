#include "dialect/engine_error.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "wire/json_value.h"

namespace portolan::dialect {
namespace {

std::string message_of(const ErrorAnswer& answer) {
  const auto parsed = wire::parse_json(answer.body);
  EXPECT_TRUE(parsed) << answer.body;
  return parsed ? *parsed->find("error")->find("message")->as_string() : "";
}

TEST(EngineError, OurCredentialAndPathAreNoFaultOfTheClients) {
  for (const int status : {301, 401, 403, 404, 405, 407, 500, 502, 504}) {
    EXPECT_EQ(engine_verdict(status), EngineVerdict::failed) << status;
    EXPECT_EQ(engine_fault(status).code, Code::engine_failed);
    EXPECT_EQ(engine_fault(status).retry, Retry::elsewhere);
  }
}

TEST(EngineError, AnEngineWithoutRoomIsBusy) {
  for (const int status : {429, 503}) {
    EXPECT_EQ(engine_verdict(status), EngineVerdict::busy) << status;
    EXPECT_EQ(engine_fault(status).retry, Retry::elsewhere);
  }
}

TEST(EngineError, WhatEveryEngineWouldRefuseIsPassedOn) {
  for (const int status : {400, 413, 422}) {
    EXPECT_EQ(engine_verdict(status), EngineVerdict::refused) << status;
  }
  EXPECT_EQ(engine_verdict(200), EngineVerdict::answered);
}

TEST(EngineError, LlamasRefusalIsPassedOnInItsWordsWithOurRequestId) {
  for (
      const std::string_view body :
      {R"({"error":{"code":400,"message":"'messages' is required","type":"invalid_request_error"}})",
       R"({"error":{"code":400,"message":"request (931 tokens) exceeds the available context size (512 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":931,"n_ctx":512}})"}) {
    const auto answer = engine_refusal(400, body, {.request_id = "r-1"});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, std::string(body).insert(10, R"("request_id":"r-1",)"));
    EXPECT_TRUE(std::ranges::count(answer.fields, Header{"x-should-retry", "false"}) == 1);
  }
}

TEST(EngineError, AnEnginesOwnRequestIdGivesWayToOurs) {
  const auto answer =
      engine_refusal(422, R"({"error":{"message":"no","request_id":"engine-7","type":"x"}})",
                     {.request_id = "r-1"});
  EXPECT_EQ(answer.body, R"({"error":{"message":"no","request_id":"r-1","type":"x"}})");
}

TEST(EngineError, AnotherShapeIsPutIntoOpenAis) {
  const auto says = [](std::string_view body) {
    const auto answer = engine_refusal(422, body, {});
    EXPECT_EQ(answer.status, 422);
    return message_of(answer);
  };
  EXPECT_TRUE(says(R"({"object":"error","message":"too long","code":400})").contains("too long"));
  EXPECT_TRUE(says(R"({"detail":"no such field"})").contains("no such field"));
  EXPECT_TRUE(says(R"({"error":"bad grammar"})").contains("bad grammar"));
  EXPECT_TRUE(says(R"({"error":{"message":7}})").contains("status 422"));
}

TEST(EngineError, WhatIsNotJsonIsNotShown) {
  for (const std::string_view body :
       {"<html>nginx/1.22 at engine-7.internal</html>", "", "{", "[\"engine-7.internal\"]",
        R"({"message":"see http://engine-7.internal/x"})",
        R"({"detail":[{"url":"engine-7.internal"}]})"}) {
    const auto answer = engine_refusal(400, body, {});
    EXPECT_TRUE(message_of(answer).contains("status 400")) << body;
    EXPECT_FALSE(answer.body.contains("engine-7")) << body;
  }
}

}  // namespace
}  // namespace portolan::dialect
